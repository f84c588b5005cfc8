"""Words that mean the same in every customer service, abbreviations among them: known before an
editor keeps a list of the house's own. A line is a group; a comma parts words and phrases."""

_USUAL = {
    "fr": """
        mail, email, courriel, mel, messagerie
        tel, telephone, portable, mobile, smartphone
        telephoner, appeler, joindre, contacter
        tv, tele, television, televiseur
        ordi, ordinateur, pc
        wifi, wi fi
        appli, app, application
        mdp, mot de passe, password
        num, numero
        msg, message, sms, texto
        rdv, rendez vous
        rep, repondeur, messagerie vocale
        cb, carte bancaire, carte bleue
        rib, iban, coordonnees bancaires
        hs, panne, marche pas, marche plus, fonctionne pas, fonctionne plus, bug
        lent, lenteur, rame, ralenti
        coupe, coupure, interruption
        supprimer, effacer, enlever, retirer, desactiver
        changer, modifier, remplacer, mettre a jour
        activer, mettre en service, mise en service
        resilier, resiliation, mettre fin, arreter mon contrat
        annuler, annulation
        payer, paiement
        facture, facturation
        cher, prix, tarif, cout, coute, montant
        rembourser, remboursement
        commander, commande, acheter, achat
        livraison, livrer, colis
        demenager, demenagement, nouvelle adresse, nouveau logement
        perdre, perdu, perte, egarer
        voler, vole, vol
        etranger, hors de france
        conseiller, technicien, quelqu un
        installer, installation, brancher, branchement
        photo, image
    """,
    "en": """
        mail, email
        phone, mobile, cell, cellphone, smartphone, handset, telephone
        call, ring, reach, contact
        tv, television, telly
        pc, computer, laptop
        wifi, wi fi
        app, application
        pwd, password, passcode
        number, num, nbr
        msg, message, text
        info, information
        acc, account
        pic, picture, photo, image
        broken, not working, does not work, doesn t work, stopped working, faulty
        slow, sluggish, lagging
        outage, down, interruption
        delete, remove, erase, get rid of
        change, modify, edit, alter
        disable, turn off, deactivate, switch off
        enable, turn on, activate, switch on
        stop, prevent, avoid
        cancel, terminate, end my contract
        pay, payment
        bill, invoice
        price, cost, fee, charge
        refund, money back, reimburse
        buy, purchase, order
        delivery, deliver, parcel, package
        move house, moving, new address, relocate
        lost, lose, misplaced
        stolen, theft
        abroad, overseas, foreign
        several, multiple, more than one
        error, mistake
        fix, repair, mend
        install, installation, set up, setup
    """,
}


def groups(language: str) -> list[list[str]]:
    """For the index, as an editor's own."""
    lines = _USUAL[language].strip().splitlines()
    return [[word.strip() for word in line.split(",")] for line in lines]


_OTHERS = """
    airbnb amazon blablacar deezer discord disney ebay facebook fortnite gmail google hotmail icloud
    instagram leboncoin linkedin messenger microsoft netflix outlook paypal photoshop pinterest
    playstation reddit skype snapchat sncf spotify telegram teams tiktok tinder twitch twitter uber
    vinted vitale wechat whatsapp windows xbox yahoo youtube zalando zoom
    passeport passport passports visa
"""


def others() -> frozenset[str]:
    """What belongs to others: unless an article names it, a question about it is not ours, however
    much the rest of it ("forgotten password") sounds like one."""
    return frozenset(_OTHERS.split())
