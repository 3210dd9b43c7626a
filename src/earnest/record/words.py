"""What the verifier says, in English and French; the verifier in the browser says the same, from the same table.

Sentences of what does not hold are made where it is found, in English; the French ones stand under `c:` and the code.
"""

from typing import Final

#: French sets these off by a space at which no line ends.
_SET_OFF: Final = (":", ";", "?", "!")


def spaced(french: str) -> str:
    """Written with plain spaces in this file, where one can see them."""
    for mark in _SET_OFF:
        french = french.replace(f" {mark}", f"\u00a0{mark}")
    return french


WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "unpinned": "Consistent under a key that the file itself names: {origin} {hash}, not checked",
        "pinned": "Verified under {origin} {hash}, the key that you gave",
        "followed": (
            "Verified under {origin} {given}, the key that you gave; "
            "the log's key is {hash} now, and each change was signed by both keys"
        ),
        "refused": "DOES NOT HOLD: the story of {number} is not what its maker signed",
        "demo": "demonstration keys, proves nothing",
        "fails": "What does not hold:",
        "act": "act {n}",
        "file": "the file",
        "more": "  … and {n} more",
        "acts": "{n} of {of} acts, none left out, altered, moved or doubled",
        "acts_one": "1 of 1 act, not left out and not altered",
        "as_of": "as of {at} ({age} old)",
        "acts_tail": "{n} of {n} sealed, and {tail} receipted, not yet sealed; newer ones than these could be left out",
        "signed": "signed by the maker, not sealed: no witness, no auditor",
        "sealed": "seal {no} of the log, over {size} leaves",
        "witnesses": "witnessed by {names}",
        "no_witness": "no witness that you named has signed: two people could be shown two logs",
        "audited": "audited by {names}, who replayed every act of the log",
        "not_audited": "not audited: the maker could have rolled this subject back, and only receipts would show it",
        "receipts": "{n} receipts match",
        "receipts_one": "1 receipt matches",
        "linked": "linked stories that hold too: {told} acts",
        "stamps": "{n} time stamps are of authorities that you did not name, and were not checked",
        "stamps_one": "1 time stamp is of an authority that you did not name, and was not checked",
        "withheld": "{n} fields withheld: {names}",
        "withheld_one": "1 field withheld: {names}",
        "erased": "{n} fields erased: {names}",
        "erased_one": "1 field erased: {names}",
        "none": "no field withheld",
        "money": "money in {currency}: received {received}, paid back {sent}, still owed or held {owed}",
        "warning": "warning",
        "colon": ": ",
        "group": ",",
        "point": ".",
        "limit": "A record cannot show what was never written into it: a call, or a letter that nobody logged.",
        "days": "days",
        "hours": "hours",
        "minutes": "minutes",
        "seconds": "seconds",
    },
    "fr": {
        "unpinned": "Cohérent selon une clé que le fichier lui-même désigne : {origin} {hash}, non vérifiée",
        "pinned": "Vérifié avec {origin} {hash}, la clé que vous avez donnée",
        "followed": (
            "Vérifié avec {origin} {given}, la clé que vous avez donnée ; "
            "la clé du registre est maintenant {hash}, et chaque changement fut signé des deux clés"
        ),
        "refused": "NE TIENT PAS : l'histoire de {number} n'est pas ce que son fabricant a signé",
        "demo": "clés de démonstration, ne prouve rien",
        "fails": "Ce qui ne tient pas :",
        "act": "acte {n}",
        "file": "le fichier",
        "more": "  … et {n} autres",
        "acts": "{n} actes sur {of}, aucun omis, modifié, déplacé ni doublé",
        "acts_one": "1 acte sur 1, ni omis ni modifié",
        "as_of": "au {at} (il y a {age})",
        "acts_tail": "{n} sur {n} scellés, et {tail} avec reçu, pas encore scellés ; de plus récents peuvent manquer",
        "signed": "signé par le fabricant, non scellé : ni témoin, ni auditeur",
        "sealed": "sceau {no} du registre, sur {size} feuilles",
        "witnesses": "attesté par {names}",
        "no_witness": "aucun témoin nommé par vous n'a signé : deux personnes pourraient voir deux registres",
        "audited": "audité par {names}, qui a rejoué chaque acte du registre",
        "not_audited": "non audité : le fabricant a pu revenir en arrière, et seuls des reçus le montreraient",
        "receipts": "{n} reçus concordent",
        "receipts_one": "1 reçu concorde",
        "linked": "histoires liées qui tiennent aussi : {told} actes",
        "stamps": "{n} horodatages d'autorités que vous n'avez pas nommées n'ont pas été vérifiés",
        "stamps_one": "1 horodatage d'une autorité que vous n'avez pas nommée n'a pas été vérifié",
        "withheld": "{n} champs masqués : {names}",
        "withheld_one": "1 champ masqué : {names}",
        "erased": "{n} champs effacés : {names}",
        "erased_one": "1 champ effacé : {names}",
        "none": "aucun champ masqué",
        "money": "argent en {currency} : reçu {received}, rendu {sent}, encore dû ou détenu {owed}",
        "warning": "attention",
        "colon": " : ",
        "group": "\u202f",
        "point": ",",
        "limit": "Un registre ne montre pas ce qui n'y fut jamais écrit : un appel, une lettre que nul n'a notée.",
        "days": "jours",
        "hours": "heures",
        "minutes": "minutes",
        "seconds": "secondes",
        "c:signature": "la signature ne tient pas",
        "c:other-key": "le fichier est signé d'une autre clé que celle que vous avez donnée",
        "c:other-subject": "ce qui est signé appartient à une autre réservation ou à un autre livre",
        "c:note": "ce qui est signé n'est pas la tête d'une histoire",
        "c:act-members": "un acte a d'autres membres que les siens",
        "c:leaf": "un acte n'est pas écrit dans sa seule forme",
        "c:foreign-act": "cet acte appartient à une autre réservation",
        "c:chain": "cet acte ne suit pas le précédent : il en manque un, ou l'un fut déplacé ou modifié",
        "c:count": "il n'y a pas autant d'actes que la signature le dit",
        "c:head": "les actes ne mènent pas à la tête qui fut signée",
        "c:unknown-field": "l'acte n'a pas ce champ",
        "c:disclosure": "une valeur n'est pas bien formée",
        "c:value": "une valeur n'est pas celle qui fut inscrite",
        "c:erasure": "il efface ce qui n'y fut jamais",
        "c:money": "l'argent ne peut pas s'additionner ainsi",
        "c:malformed": "un membre n'est pas de son espèce",
        "c:not-strict-json": "le JSON n'est pas strict",
        "c:not-canonical": "le fichier n'est pas l'unique texte de son contenu",
        "c:unknown-version": "cette version n'est pas connue ici",
        "c:members": "des membres manquent ou sont inconnus",
        "c:no-acts": "une histoire a au moins un acte",
        "c:seal-not-last": "le sceau n'est pas la dernière feuille de son point de contrôle",
        "c:proof": "le sceau n'est pas dans le registre",
        "c:seal": "le sceau n'est pas bien formé",
        "c:stale": "l'histoire est plus vieille que votre politique ne l'accepte",
        "c:quorum": "trop peu des témoins que demande votre politique ont signé",
        "c:map": "le registre ne tient pas exactement ces actes : il en manque, il y en a trop, ou l'un est modifié",
        "c:linked": "une histoire liée ne tient pas",
        "c:receipt": "un reçu fut donné pour d'autres actes, ou par une autre clé",
        "c:receipt-other": "un reçu appartient à une autre réservation ou à un autre livre",
        "c:receipt-beyond": "un reçu fut donné pour un acte qui manque : il fut omis, ou l'histoire est plus ancienne",
        "c:tail": "aucun reçu ne lie les actes qui ne sont pas encore scellés",
        "c:times": "le moment où cet acte fut scellé ne tient pas",
        "c:merge-delay": "il eut son reçu, et un sceau bien plus récent l'a laissé dehors : manquement du fabricant",
    },
}

WORDS["fr"].update({name: spaced(said) for name, said in WORDS["fr"].items()})

#: Warnings by their English form, and as French says them.
WARNINGS: Final[dict[str, str]] = {
    "the key was named by the file itself and not checked": (
        "la clé a été désignée par le fichier lui-même et n'a pas été vérifiée"
    ),
    "the key of the receipts was named by the file itself and not checked": (
        "la clé des reçus a été désignée par le fichier lui-même et n'a pas été vérifiée"
    ),
    "the key of the log was named by the file itself and not checked": (
        "la clé du registre a été désignée par le fichier lui-même et n'a pas été vérifiée"
    ),
    "some entries are withheld, so the money was not added up": (
        "des écritures sont masquées, l'argent n'a donc pas été additionné"
    ),
    "act {n} is dated before the one it follows": "l'acte {n} est daté d'avant celui qu'il suit",
    "act {n} is dated after it was sealed": "l'acte {n} est daté d'après son sceau",
    "act {n} is dated long before it was sealed: it may be back-dated": (
        "l'acte {n} est daté de bien avant son sceau : il peut être antidaté"
    ),
    "act {n} cites an act that is not in the file": "l'acte {n} cite un acte qui n'est pas dans le fichier",
    "act {by} says that {name} of act {n} was erased, and the file has it": (
        "l'acte {by} dit que {name} de l'acte {n} fut effacé, et le fichier l'a"
    ),
    "the log's key changed on {at}, signed by both keys": (
        "la clé du registre a changé le {at}, les deux clés l'ont signé"
    ),
    "{n} further signatures are of keys that you did not give": (
        "{n} autres signatures sont de clés que vous n'avez pas données"
    ),
    "it was sealed in the future, by its own word or your clock": (
        "elle fut scellée dans le futur, selon elle-même ou selon votre horloge"
    ),
    "the last act is dated after the signature": "le dernier acte est daté d'après la signature",
}
WARNINGS.update({english: spaced(said) for english, said in WARNINGS.items()})
