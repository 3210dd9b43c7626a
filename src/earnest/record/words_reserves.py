"""What the verifier says of a proof of reserves, in English and French; beside `words`."""

from typing import Final

from earnest.record.words import spaced

RESERVES: Final[dict[str, dict[str, str]]] = {
    "en": {
        "r:refused": "DOES NOT HOLD: the proof of reserves of {number} is not what its maker signed",
        "r:yours": "Your {yours} ({number}) are part of {owed} owed to customers by {origin}",
        "r:held_all": "Held: {held}",
        "r:owed": "owed",
        "r:held": "held",
        "r:more": "more",
        "r:less": "less",
        "r:line": "{group}: {account}",
        "r:difference": "held less owed",
        "r:as_of": "as of {at} ({age} old), counting every act up to seal {seal} of the log",
        "r:logged": "the statement is act {act} of reserves/book, in the log of {size} leaves",
        "r:not_logged": "not yet in the log: only the maker's signature says that others are shown the same statement",
        "r:compare": "everybody must be shown this tree: {tree}",
        "r:limit_held": "What is held is the maker's own word: this does not show that the money exists.",
        "r:limit_others": "It shows that you are counted. That others are, each of them can check, and nobody else.",
    },
    "fr": {
        "r:refused": "NE TIENT PAS : la preuve de réserves de {number} n'est pas ce que son fabricant a signé",
        "r:yours": "Vos {yours} ({number}) font partie de {owed} dus aux clients par {origin}",
        "r:held_all": "Détenu : {held}",
        "r:owed": "dû",
        "r:held": "détenu",
        "r:more": "plus",
        "r:less": "moins",
        "r:line": "{group} : {account}",
        "r:difference": "détenu moins dû",
        "r:as_of": "au {at} (il y a {age}), comptant chaque acte jusqu'au sceau {seal} du registre",
        "r:logged": "l'état est l'acte {act} de reserves/book, dans le registre de {size} feuilles",
        "r:not_logged": "pas encore au registre : seule la signature du fabricant dit que d'autres voient le même état",
        "r:compare": "chacun doit se voir montrer cet arbre : {tree}",
        "r:limit_held": "Ce qui est détenu est la parole du fabricant : rien ici ne montre que l'argent existe.",
        "r:limit_others": "Ceci montre que vous êtes compté. Que d'autres le sont, eux seuls peuvent le vérifier.",
        "c:signature": "la signature ne tient pas",
        "c:other-key": "l'état est signé d'une autre clé que celle que vous avez donnée",
        "c:other-subject": "l'état est signé d'une clé qui n'est pas celle de ce livre",
        "c:stale": "l'état est plus vieux que votre politique ne l'accepte",
        "c:unexplained": "la différence entre détenu et dû n'est pas expliquée au centime près",
        "c:path": "le chemin n'est pas celui de l'arbre qui fut signé",
        "c:sum": "une somme est négative, trop grande ou d'une autre monnaie",
        "c:root": "cette réservation, avec cette somme, n'est pas dans l'arbre qui fut signé",
        "c:total": "l'arbre donne une autre somme que celle qui est dite due",
        "c:log": "la place dans le registre ne tient pas",
    },
}
RESERVES["fr"].update({name: spaced(said) for name, said in RESERVES["fr"].items()})
