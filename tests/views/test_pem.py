"""PEM texts: what Go would read of them, what is secret, and what is no key at all."""

import base64
import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from key_examples import CA, ED25519, LEAF, P224, P256, P384, P521, RSA, RSA_PKCS1, SECP256K1, X25519, pem

from policylint.views.certificates import Certificate, certificates
from policylint.views.pem import Block, Pem, PublicKey, blocks, classify


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (pem(RSA), PublicKey("RSA", "", 2048)),
        (pem(RSA_PKCS1, "RSA PUBLIC KEY"), PublicKey("RSA", "", 2048)),
        (pem(P224), PublicKey("ECDSA", "P-224", 224)),
        (pem(P256), PublicKey("ECDSA", "P-256", 256)),
        (pem(P384), PublicKey("ECDSA", "P-384", 384)),
        (pem(P521), PublicKey("ECDSA", "P-521", 521)),
        (pem(ED25519), PublicKey("Ed25519", "", 256)),
        (pem(X25519), PublicKey("X25519", "", 256)),
    ],
)
def test_public_keys_are_read(text: str, key: PublicKey) -> None:
    assert classify(text).kind == "public-key"
    assert classify(text).key == key


def test_a_key_describes_itself() -> None:
    assert str(PublicKey("ECDSA", "P-256", 256)) == "ECDSA P-256"
    assert str(PublicKey("RSA", "", 2048)) == "RSA with 2048 bits"


@pytest.mark.parametrize(
    "label",
    ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY", "OPENSSH PRIVATE KEY"],
)
@pytest.mark.parametrize("content", [P256, "not base64 at all"])
def test_private_keys_are_told_whatever_their_content(label: str, content: str) -> None:
    assert classify(pem(content, label)).kind == "private-key"
    assert classify(pem(content, label)).label == label


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("", "not-pem", "there is no line -----BEGIN PUBLIC KEY-----"),
        (P256, "not-pem", "there is no line -----BEGIN PUBLIC KEY-----"),
        ("  " + pem(P256), "not-pem", "there is no line -----BEGIN PUBLIC KEY-----"),
        (pem(P256, "CERTIFICATE"), "certificate", ""),
        (pem(P256, "PGP MESSAGE"), "other", ""),
        (pem("put cosign.pub here"), "prose", "there is text where the base64 of a key belongs"),
        (pem("content of the key goes here"), "prose", "there is text where the base64 of a key belongs"),
        (pem("<key>"), "prose", "there is text where the base64 of a key belongs"),
        (pem(P256)[:-10], "damaged", "there is no line -----END PUBLIC KEY-----"),
        (pem(P256[:-1]), "damaged", "what is between its first and last line is not base64"),
        (pem(P256.replace("aEOV", "aEOW")), "damaged", "its point does not lie on the curve P-256"),
        (pem(SECP256K1), "damaged", "elliptic curve 1.3.132.0.10 is not one that Go reads"),
        (pem(P256, "RSA PUBLIC KEY"), "damaged", "an integer was expected"),
        (pem(base64.b64encode(b"plain text").decode()), "damaged", "it ends too early"),
        (pem(""), "damaged", "one element of tag 0x30 was expected"),
    ],
)
def test_what_is_no_key_says_why(text: str, kind: str, reason: str) -> None:
    found = classify(text)

    assert (found.kind, found.reason, found.key) == (kind, reason, None)


def test_the_first_readable_block_counts_and_text_around_it_does_not() -> None:
    text = f"A comment\n{pem('broken', 'PUBLIC KEY')}\nComment: two\n{pem(P256)}trailing"

    assert classify(text).key == PublicKey("ECDSA", "P-256", 256)


def test_headers_and_windows_line_ends_are_read_over() -> None:
    text = f"-----BEGIN PUBLIC KEY-----\r\nProc-Type: 4\r\n\r\n{P256}\r\n-----END PUBLIC KEY-----\r\n"

    assert list(blocks(text)) == [Block("PUBLIC KEY", base64.b64decode(P256))]


def test_certificates_say_what_a_chain_needs() -> None:
    last = date(2036, 11, 18)

    assert certificates(pem(LEAF, "CERTIFICATE") + pem(CA, "CERTIFICATE")) == (
        Certificate(last, is_ca=False, self_issued=False),
        Certificate(last, is_ca=True, self_issued=True),
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it holds no PEM block of a certificate"),
        (pem(P256), "it holds a PUBLIC KEY"),
        (pem(P256, "CERTIFICATE"), "it has not the structure of a certificate"),
    ],
)
def test_what_is_no_chain_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        certificates(text)


BINARIES = st.binary(max_size=200) | st.tuples(
    st.sampled_from([base64.b64decode(each) for each in (P256, RSA, ED25519, CA, LEAF)]),
    st.integers(0),
    st.integers(0, 255),
).map(lambda each: each[0][: each[1] % len(each[0])] + bytes([each[2]]) + each[0][each[1] % len(each[0]) + 1 :])


@given(BINARIES, st.sampled_from(["PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE", "PRIVATE KEY"]))
def test_no_content_of_a_block_breaks_the_reader(content: bytes, label: str) -> None:
    text = pem(base64.b64encode(content).decode(), label)

    assert list(blocks(text)) == [Block(label, content)]
    assert classify(text).label == label
    with contextlib.suppress(ValueError):
        assert len(certificates(text)) == 1


@given(st.text(alphabet="-BEGIN PULICKYD\n:=Aa/+.\r ", max_size=120))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = classify(text)

    assert (found.key is not None) == (found.kind == "public-key")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("-----BEGIN PUBLIC KEY-----\n", "there is no line -----END PUBLIC KEY-----"),
        ("-----BEGIN PUBLIC KEY-----\nMIIB\n", "there is no line -----END PUBLIC KEY-----"),
    ],
)
def test_first_lines_without_end_are_not_held_against_the_whole_text_each(line: str, reason: str) -> None:
    assert classify(line * 100_000) == Pem("damaged", "PUBLIC KEY", reason)
