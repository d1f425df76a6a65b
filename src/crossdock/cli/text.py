"""Text from stores, made fit for a terminal: it may hold control characters that repaint or forge lines."""


def printable(value: object) -> str:
    """Write a value on one line without control, direction or other invisible characters."""
    text = "" if value is None else str(value)
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)
