"""The number of a post and its base-62 spelling in page addresses."""

from __future__ import annotations

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = 7
_LETTERS = 4


def to_bid(mid: str) -> str:
    """Return the base-62 form of a decimal post number: groups of 7 digits, from the right."""
    groups = [mid[max(0, end - _DIGITS) : end] for end in range(len(mid), 0, -_DIGITS)]
    words = [_encode(int(group)) for group in reversed(groups)]
    return words[0] + "".join(word.rjust(_LETTERS, "0") for word in words[1:])


def to_mid(bid: str) -> str:
    """Return the decimal post number of a base-62 form; ValueError for a foreign character."""
    groups = [bid[max(0, end - _LETTERS) : end] for end in range(len(bid), 0, -_LETTERS)]
    numbers = [str(_decode(group)) for group in reversed(groups)]
    return numbers[0] + "".join(number.rjust(_DIGITS, "0") for number in numbers[1:])


def _encode(number: int) -> str:
    word = ""
    while True:
        number, digit = divmod(number, 62)
        word = _ALPHABET[digit] + word
        if number == 0:
            return word


def _decode(word: str) -> int:
    number = 0
    for letter in word:
        number = number * 62 + _ALPHABET.index(letter)
    return number
