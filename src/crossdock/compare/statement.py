"""SQL statements that are put together from pieces of our own.

Owns the one place where text becomes SQL. Only names, expressions and conditions that a kind or this room states may
go in; values, and all that a store or a user has written, go along as parameters.
"""


def compose(template: str, **pieces: str) -> str:
    """Put pieces of SQL in the places that `template` names in braces; each place needs a piece and each piece a place.

    Raises:
        ValueError: a piece has no place, or ends the statement and begins another.
    """
    for name, piece in pieces.items():
        if f"{{{name}}}" not in template or ";" in piece:
            raise ValueError(name)
    return template.format(**pieces)
