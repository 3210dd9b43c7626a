"""Writing DER: the other half of earnest.record.der, for the time stamping authority of the tests."""

from datetime import datetime


def tlv(tag: int, *parts: bytes) -> bytes:
    """One value: tag, length in its shortest form, content."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE."""
    return tlv(0x30, *parts)


def set_of(*parts: bytes, tag: int = 0x31) -> bytes:
    """SET OF, in the order that DER asks for (X.690, 11.6)."""
    return tlv(tag, *sorted(parts))


def integer(number: int) -> bytes:
    """INTEGER."""
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def octets(data: bytes) -> bytes:
    """OCTET STRING."""
    return tlv(0x04, data)


def null() -> bytes:
    """NULL."""
    return tlv(0x05)


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER."""
    top, second, *rest = map(int, dotted.split("."))
    body = b""
    for number in (40 * top + second, *rest):
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(number & 0x7F | 0x80)
        body += bytes(reversed(digits))
    return tlv(0x06, body)


def generalized_time(at: datetime) -> bytes:
    """GeneralizedTime of an aware UTC time, whole seconds."""
    return tlv(0x18, at.strftime("%Y%m%d%H%M%SZ").encode())
