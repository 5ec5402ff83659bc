import subprocess
import sys

import pytest
from docker_image.digest import InvalidDigest
from docker_image.reference import InvalidReference, Reference
from hypothesis import given
from hypothesis import strategies as st

from policylint.views.images import ImageReferenceError, judge_pinning, parse_image

HEX = "bfadbbcb25fd75c30c295843f1a861414f46c080f0f1d0c5cd93843c88edabcf"
DIGEST = f"sha256:{HEX}"
BACKSLASH = "it contains a backslash; in YAML a reference cannot be continued on the next line"


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"),
    [
        ("nginx", "docker.io", "library/nginx", None, None),
        ("nginx:1.27", "docker.io", "library/nginx", "1.27", None),
        (f"nginx:1.27@{DIGEST}", "docker.io", "library/nginx", "1.27", DIGEST),
        (f"nginx@{DIGEST}", "docker.io", "library/nginx", None, DIGEST),
        ("bitnami/nginx", "docker.io", "bitnami/nginx", None, None),
        ("docker.io/nginx", "docker.io", "library/nginx", None, None),
        ("index.docker.io/nginx", "docker.io", "library/nginx", None, None),
        ("localhost/tool", "localhost", "tool", None, None),
        ("localhost:5000/a/b_c/d--e:Tag_1", "localhost:5000", "a/b_c/d--e", "Tag_1", None),
        ("host:80/tool", "host:80", "tool", None, None),
        ("ghcr.io/example/tool:main", "ghcr.io", "example/tool", "main", None),
        ("[::1]:5000/tool:1", "[::1]:5000", "tool", "1", None),
        ("UPPER/tool", "UPPER", "tool", None, None),
        (
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com",
            "a",
            "1",
            None,
        ),
        (f"tool@sha512:{'a' * 128}", "docker.io", "library/tool", None, f"sha512:{'a' * 128}"),
    ],
)
def test_parts(text: str, registry: str, repository: str, tag: str | None, digest: str | None) -> None:
    reference = parse_image(text)
    assert reference == (text, registry, repository, tag, digest)
    assert reference.name == f"{registry}/{repository}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        ("  ", "it is empty"),
        ("nginx 1", "it contains a space"),
        ("nginx\n", "it is wrapped over several lines; a reference stands on one line"),
        (f"nginx@sha256:{HEX[:30]}\\ {HEX[30:]}", BACKSLASH),
        ("docker://nginx", "it begins with docker://, and a reference has no scheme"),
        (HEX, "64 hexadecimal digits alone are an image's id, which no registry knows; a digest follows name@sha256:"),
        ("nginx@sha256:abc", "its sha256 digest has 3 hexadecimal digits instead of 64"),
        ("nginx@sha256:", "its sha256 digest has 0 hexadecimal digits instead of 64"),
        (f"nginx@sha256:{HEX.upper()}", "its digest contains 'B', which is not a lower-case hexadecimal digit"),
        (f"nginx@sha256:{'z' * 64}", "its digest contains 'z', which is not a lower-case hexadecimal digit"),
        ("nginx@latest", "latest after @ is not a digest: sha256: and 64 hexadecimal digits belong there"),
        (f"nginx@md5:{'a' * 32}", "md5 is not a digest algorithm that registries know; sha256 is"),
        ("NGINX", "the repository NGINX has upper-case letters, and a repository is lower-case"),
        ("ghcr.io/Example/tool", "the repository Example/tool has upper-case letters, and a repository is lower-case"),
        ("nginx:", "its tag is empty"),
        ("nginx:-1", "-1 is not a tag: letters, digits, _, . and - are allowed, and the first is no . or -"),
        ("nginx:" + "a" * 129, "its tag has 129 characters, and a tag has at most 128"),
        ("ghcr.io/", "it names no repository"),
        ("a" * 256, "its repository has 256 characters, and at most 255 are allowed"),
        ("<image>", "the repository <image> contains '<'"),
        ("a//b", "a//b is not a name: its parts are lower-case letters and digits, joined by single separators"),
    ],
)  # fmt: skip
def test_refused(text: str, reason: str) -> None:
    with pytest.raises(ImageReferenceError) as caught:
        parse_image(text)
    assert str(caught.value) == reason


COMPONENT = st.text("ab0Z._-", min_size=1, max_size=4)
HOST = st.sampled_from(["", "localhost/", "a.b/", "a-b.c:80/", "docker.io/", "index.docker.io/", "a:1/", "A/", "-a.b/"])
TAG = st.sampled_from(["", ":1", ":", ":latest", ":.x", ":a:b", ":" + "t" * 129])
AT = st.sampled_from(["", f"@{DIGEST}", "@sha256:abc", f"@sha256:{HEX.upper()}", f"@sha512:{'0' * 128}", "@"])
NEARLY = st.builds("{}{}{}{}".format, HOST, st.lists(COMPONENT, max_size=3).map("/".join), TAG, AT)


@given(NEARLY | st.text("ab0Z._-/:@", max_size=12) | st.text("0a", min_size=63, max_size=65))
def test_agrees_with_the_library(text: str) -> None:
    try:
        theirs = Reference.parse_normalized_named(text)
    except (InvalidReference, InvalidDigest):
        with pytest.raises(ImageReferenceError):
            parse_image(text)
        return
    repository = theirs.repository
    assert parse_image(text) == (text, repository["domain"], repository["path"], theirs["tag"], theirs["digest"])


@given(st.text())
def test_any_text_is_a_reference_or_refused_with_a_reason(text: str) -> None:
    try:
        outcome = parse_image(text).text == text
    except ImageReferenceError as error:
        outcome = str(error) != ""
    assert outcome


@pytest.mark.parametrize(
    ("text", "pinning"),
    [
        ("nginx", "none"),
        ("localhost:5000/nginx", "none"),
        ("nginx:latest", "moving-tag"),
        ("nginx:main", "moving-tag"),
        ("nginx:LATEST", "tag"),
        ("nginx:1.27", "tag"),
        (f"nginx@{DIGEST}", "digest"),
        (f"nginx:latest@{DIGEST}", "digest"),
    ],
)
def test_pinning(text: str, pinning: str) -> None:
    assert judge_pinning(parse_image(text)) == pinning


def test_moving_tags_are_the_callers_to_choose() -> None:
    assert judge_pinning(parse_image("nginx:prod"), ("prod",)) == "moving-tag"
    assert judge_pinning(parse_image("nginx:latest"), ("prod",)) == "tag"


def test_plain_references_do_not_load_the_library() -> None:
    code = (
        "import sys; from policylint.views.images import parse_image;"
        f"parse_image('ghcr.io/a/b:1@{DIGEST}'); sys.exit('docker_image' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
