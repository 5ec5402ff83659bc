"""Public keys in DER, read as strictly as Go does: a key that has been cut or mistyped is none."""

from policylint.views.der import NULL, OID, SEQUENCE, Element, bits, elements, integer, oid, only

RSA, ECDSA, ED25519 = "RSA", "ECDSA", "Ed25519"
_RSA, _EC, _DSA = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1", "1.2.840.10040.4.1"
_RAW = {"1.3.101.112": ED25519, "1.3.101.110": "X25519"}
_RAW_SIZE = 32
_UNCOMPRESSED = 4

# name, size in bits, prime, and b of y² = x³ - 3x + b (FIPS 186-4, D.1.2)
_CURVES: dict[str, tuple[str, int, int, int]] = {
    "1.3.132.0.33": (
        "P-224",
        224,
        2**224 - 2**96 + 1,
        0xB4050A850C04B3ABF54132565044B0B7D7BFD8BA270B39432355FFB4,
    ),
    "1.2.840.10045.3.1.7": (
        "P-256",
        256,
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    ),
    "1.3.132.0.34": (
        "P-384",
        384,
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    ),
    "1.3.132.0.35": (
        "P-521",
        521,
        2**521 - 1,
        0x0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00,
    ),
}

Key = tuple[str, str, int]


def parse_pkix(data: bytes) -> Key:
    """Algorithm, curve and bits of a SubjectPublicKeyInfo (crypto/x509 `ParsePKIXPublicKey`).

    Raises ValueError with the reason for what is not one, or is of an algorithm that Go does not read.
    """
    parts = list(elements(only(data, SEQUENCE).content))
    if len(parts) != 2 or parts[0].tag != SEQUENCE:
        raise ValueError("it has not the structure of a public key")
    algorithm = list(elements(parts[0].content))
    if not algorithm:
        raise ValueError("it names no algorithm")
    name, parameters, key = oid(algorithm[0]), algorithm[1:], bits(parts[1])
    if name == _RSA:
        if [each.tag for each in parameters] != [NULL]:
            raise ValueError("an RSA key has the parameters NULL, this one has not")
        return parse_pkcs1(key)
    if name == _EC:
        return _elliptic(parameters, key)
    if name in _RAW:
        if parameters or len(key) != _RAW_SIZE:
            raise ValueError(f"an {_RAW[name]} key has {_RAW_SIZE} bytes and no parameters")
        return _RAW[name], "", 8 * _RAW_SIZE
    if name == _DSA:
        return "DSA", "", integer(only(key, 2)).bit_length()
    raise ValueError(f"algorithm {name} is unknown")


def parse_pkcs1(data: bytes) -> Key:
    """Algorithm, curve and bits of an RSAPublicKey. Raises ValueError with the reason for what is not one."""
    numbers = [integer(each) for each in elements(only(data, SEQUENCE).content)]
    if len(numbers) != 2 or min(numbers) <= 0:
        raise ValueError("an RSA key has a positive modulus and a positive exponent")
    return RSA, "", numbers[0].bit_length()


def _elliptic(parameters: list[Element], point: bytes) -> Key:
    if len(parameters) != 1 or parameters[0].tag != OID:
        raise ValueError("it names no elliptic curve")
    curve = _CURVES.get(oid(parameters[0]))
    if curve is None:
        raise ValueError(f"elliptic curve {oid(parameters[0])} is not one that Go reads")
    name, size, prime, b = curve
    width = (size + 7) // 8
    if len(point) != 1 + 2 * width or point[0] != _UNCOMPRESSED:
        raise ValueError(f"it holds no uncompressed point of {name}")
    x, y = int.from_bytes(point[1 : 1 + width], "big"), int.from_bytes(point[1 + width :], "big")
    if max(x, y) >= prime or (y * y - (x * x * x - 3 * x + b)) % prime:
        raise ValueError(f"its point does not lie on the curve {name}")
    return ECDSA, name, size
