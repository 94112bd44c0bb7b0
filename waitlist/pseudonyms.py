"""Pseudonyms: "Quiet Otter 41" for people who are counted in public and do not want to be named. Stable, keyed."""

import hmac

NUMBERS = 99
_ENGLISH = (
    "Quiet Brave Gentle Swift Bright Calm Clever Daring Eager Early Fair Fond Glad Golden Happy Honest "
    "Humble Jolly Keen Kind Lively Lucky Merry Mild Noble Patient Proud Rapid Silver Steady Sunny Wise",
    "Otter Heron Badger Lynx Falcon Hare Robin Marten Beaver Swallow Fox Seal Finch Deer Owl Crane "
    "Puffin Stork Hedgehog Newt Raven Salmon Sparrow Squirrel Swan Thrush Tortoise Trout Vole Weasel Wren Yak",
)
# Adjectives that are the same for both genders.
_FRENCH = (
    "tranquille brave agile rapide habile calme sage fidèle aimable sobre noble rare solide stable timide utile "
    "célèbre agréable honnête humble modeste robuste serviable "
    "sincère souple tendre tenace juste libre large digne alerte",
    "Loutre Héron Blaireau Lynx Faucon Lièvre Merle Martre Castor Hirondelle Renard Phoque Pinson Cerf Chouette Grue "
    "Macareux Cigogne Hérisson Triton Corbeau Saumon Moineau Écureuil Cygne Grive Tortue Truite Mulot Belette "
    "Roitelet Yack",
)


def pseudonym(key: str, person: str, language: str) -> str:
    """The name of one person (their public id) in one launch (its secret); the same animal in every language."""
    digest = hmac.digest(key.encode(), f"pseudonym\x1f{person}".encode(), "sha256")
    qualities, animals = (words.split() for words in (_FRENCH if language.startswith("fr") else _ENGLISH))
    quality, animal = qualities[digest[0] % len(qualities)], animals[digest[1] % len(animals)]
    number = int.from_bytes(digest[2:6], "big") % NUMBERS + 1
    return f"{animal} {quality} {number}" if language.startswith("fr") else f"{quality} {animal} {number}"
