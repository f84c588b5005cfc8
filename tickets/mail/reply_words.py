"""How mail programs begin what they quote, and how people end a letter, in their languages. Pure.

Each pattern is tried on one line (or a few joined ones) of bounded length."""

# ruff: noqa: E501 (a language a line reads better than a margin)

import re

# a cheap look: what begins an older mail has one of these
MAY_BEGIN = re.compile(
    r"[\d@:：]|^[-_=*~‐–—\"<]"
    r"|^(?:le|on|am|el|il|op|em|a|w|dnia|den|d\.|в|на|在|wiadomo[śs][ćc])\s",
    re.IGNORECASE,
)

# the line that says who wrote what follows: "Le 2 nov. 2026 à 10:12, Bea <…> a écrit :"
WROTE = re.compile(
    r"""(?<!m')(?<!t')(?<!l')(?<!qu')\b(?:
      a\s+[ée]crit|ecrivait|[ée]crivait|wrote|writes|schrieb(?:en)?|escribi[óo]|ha\s+escrito
    | ha\s+scritto|scrive(?:va)?|schreef|heeft\s+(?:het\s+volgende\s+)?geschreven
    | het\s+volgende\s+geschreven|escreveu|napisa[łl](?:\(a\)|a)?|pisze|napisana\s+przez
    | skrev|kirjoitti|napsal(?:\(a\)|a)?|ezt\s+[íi]rta|a\s+scris|yazd[ıi]
    | написал(?:\(а\)|а)?|пишет|писал(?:\(а\)|а)?
    )(?!\w)|写道|寫道|のメール|さんは書きました|님이\s*작성""",
    re.VERBOSE | re.IGNORECASE,
)
# … and the sentences of people that look like one
TOLD = re.compile(
    r"\b(?:(?:nous|vous|lui|leur|on|qui|il|elle)\s+(?:a\s+[ée]crit|[ée]crivait)|i\s+wrote|ich\s+schrieb"
    r"|(?:mir|uns)\s+schrieb|wrote\s+(?:me|to\s+me|us)|who\s+wrote|me\s+escribi[óo]|mi\s+ha\s+scritto)\b",
    re.IGNORECASE,
)
OPENS = re.compile(
    r"(?:le|on|am|el|il|op|em|a|w\s+dniu|dnia|den|d\.|в|ср|пн|вт|чт|пт|сб|вс|在|wiadomo[śs][ćc])\b",
    re.IGNORECASE,
)
DATED = re.compile(r"\d{1,2}\s?[:hH]\s?\d{2}|\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
ADDRESSED = re.compile(r"[<＜(\[\"]\s*(?:mailto:)?[^\s<>@]{1,128}@[^\s<>@]{2,190}\s*[>＞)\]\"]")

# "-----Message d'origine-----"
SEPARATOR = re.compile(
    r"""[-_=*~‐–—]{2,80}\s*(?:
      (?:d[ée]but\s+du\s+)?(?:message|courriel|mail|e-?mail)\s+
        (?:d\s?'?\s?origine|original|initial|transf[ée]r[ée]|r[ée]exp[ée]di[ée]|pr[ée]c[ée]dent)
    | (?:original|forwarded|previous|reply)\s+(?:message|appointment|e-?mail|by.{0,80})
    | urspr[üu]ngliche\s+(?:nachricht|e-?mail)|original-?\s?nachricht
    | weitergeleitete\s+(?:nachricht|e-?mail)
    | mensaje\s+(?:original|reenviado)|correo\s+original|messaggio\s+(?:originale|inoltrato)
    | (?:oorspronkelijk|origineel|doorgestuurd)\s+bericht
    | mensagem\s+(?:original|encaminhada)
    | (?:oryginalna\s+wiadomo[śs][ćc]|wiadomo[śs][ćc]\s+(?:oryginalna|przes[łl]ana.{0,20}))
    | ursprungligt\s+meddelande|oprindelig\s+meddelelse|alkuper[äa]inen\s+viesti
    | p[ůu]vodn[íi]\s+zpr[áa]va|eredeti\s+[üu]zenet|исходное\s+сообщение|пересылаемое\s+сообщение
    | 原始邮件|原始郵件|转发的?邮件|元のメッセージ|원본\s*메시지|original
    )\s*[-_=*~‐–—]{2,80}""",
    re.VERBOSE | re.IGNORECASE,
)
BARE_SEPARATOR = re.compile(
    r"(?:message\s+d\s?'\s?origine|message\s+original"
    r"|d[ée]but\s+du\s+message\s+(?:r[ée]exp[ée]di[ée]|transf[ée]r[ée])|begin\s+forwarded\s+message"
    r"|anfang\s+der\s+weitergeleiteten\s+(?:nachricht|e-?mail)|inicio\s+del\s+mensaje\s+reenviado"
    r"|inizio\s+messaggio\s+inoltrato|begin\s+doorgestuurd\s+bericht|in[íi]cio\s+da\s+mensagem\s+reencaminhada"
    r"|pocz[ąa]tek\s+przekazywanej\s+wiadomo[śs]ci)\s*[:：]|message\s+du\s+\d.{4,40}",
    re.IGNORECASE,
)
RULE = re.compile(r"[_\-=*~─—]{5,}")

# the header lines of an older mail, written into the text
FROM, SENT, DATE, TO, COPY, SUBJECT = "from", "sent", "date", "to", "copy", "subject"
LABELS = {
    label: kind
    for kind, labels in {
        FROM: "de|du|from|von|da|van|od|expéditeur|expediteur|från|fra|lähettäjä|feladó|gönderen|kimden|от|від"
        "|отправитель|发件人|寄件者|寄件人|差出人|보낸 사람|remitente|mittente|afzender|absender|nadawca",
        SENT: "envoyé|envoyée|envoyé le|envoye|envoye le|message du|sent|gesendet|gesendet am|enviado"
        "|enviado el|enviada|enviada em|enviado em|inviato|inviato il|verzonden|verzonden op|wysłano|wyslano"
        "|wysłane|skickat|sendt|lähetetty|elküldve|odesláno|gönderildi|отправлено|надіслано|发送时间|寄件日期"
        "|送信日時|보낸 날짜",
        DATE: "date|datum|fecha|data|dato|päivämäärä|dátum|tarih|дата|日期|日時|날짜",
        TO: "à|a|pour|destinataire|destinataires|to|an|para|per|aan|do|till|til|vastaanottaja|címzett|komu|kime"
        "|alıcı|кому|收件人|收件者|宛先|받는 사람|destinatario|destinatário|ontvanger|empfänger",
        COPY: "cc|cci|bcc|copie|copie à|copie a|copia|kopie|kopia|kopi|dw|копия|抄送|副本",
        SUBJECT: "objet|sujet|subject|betreff|asunto|oggetto|onderwerp|assunto|temat|ämne|emne|aihe|tárgy|předmět"
        "|konu|тема|主题|主旨|件名|제목",
    }.items()
    for label in labels.split("|")
}
LABEL = re.compile(r"[*_]{0,2}([^\W\d_](?:[^\W\d_]|[ .]){0,22}?)\s?[*_]{0,2}\s?[:：]\s?[*_]{0,2}")
WITHIN = re.compile(r"(?<=\s)[*_]{0,2}([^\W\d_]{1,18})\s?[*_]{0,2}\s?[:：]")

# how a letter ends
DASHES = re.compile(r"(?:--|__|—|–|─{2,})")
DEVICE = re.compile(
    r"""[\s*_>(\[-]{0,8}(?:
      envoy[ée]e?s?\s+(?:de|depuis|[àa]\s+partir\s+d|par|via|avec|gr[âa]ce)\b.{1,120}
    | provenance\s*:\s*.{1,60}|(?:t[ée]l[ée]charge[zr]|obtenir|obtenez)\s+outlook.{0,120}
    | [ée]crit\s+depuis\s+mon.{1,60}|message\s+envoy[ée]\s+depuis.{1,80}
    | sent\s+(?:from|with|via|using)\b.{1,120}|get\s+\[?outlook.{1,120}
    | (?:von|vom)\s+mein.{1,80}\s+gesendet.{0,40}|(?:diese\s+nachricht\s+wurde\s+)?von\s+mein.{1,80}
      (?:gesendet|verschickt).{0,40}
    | gesendet\s+(?:von|vom|mit|[üu]ber|aus)\b.{1,120}|(?:holen\s+sie\s+sich|laden\s+sie)\s+outlook.{0,120}
    | enviado\s+(?:desde|de|do|da|a\s+partir|com|con|por|via)\b.{1,120}
    | (?:obtener|obter|obtenga)\s+(?:o\s+)?outlook.{0,120}
    | inviato\s+(?:da|dal|dall|con|tramite).{1,120}|(?:scarica|ottieni)\s+outlook.{0,120}
    | (?:verzonden|verstuurd|verstuurt)\s+(?:vanaf|vanuit|met|via|van)\b.{1,120}
    | (?:outlook\s+voor|download\s+outlook).{1,120}
    | wys[łl]an[eoay]\s+(?:z|za|ze|przy)\b.{1,120}|pobierz\s+(?:aplikacj[ęe]\s+)?outlook.{0,120}
    | skickat\s+fr[åa]n.{1,80}|sendt\s+fra.{1,80}|отправлено\s+(?:с|из|от)\b.{1,120}
    | (?:yahoo|aol)\s+mail\s*[:-]\s*.{1,80}
    )""",
    re.VERBOSE | re.IGNORECASE,
)
CLOSING = re.compile(
    r"""(?:(?:tr[èe]s\s+|bien\s+)?(?:cordialement|amicalement|respectueusement|sinc[èe]rement)(?:\s+v[ôo]tre)?
    | cdlt|cdt|bien\s+[àa]\s+(?:vous|toi)|(?:meilleures|sinc[èe]res|cordiales)\s+salutations|salutations
    | (?:with\s+)?(?:best|kind|kindest|warm|warmest)\s+(?:regards|wishes)|regards|sincerely|best
    | yours\s+(?:truly|sincerely|faithfully)|(?:many\s+)?thanks\s+and\s+regards
    | (?:mit\s+)?(?:freundlichen?|besten?|vielen?|herzlichen?|sch[öo]nen?)\s+(?:gr(?:ü|ue|u)(?:ß|ss)en?|gru(?:ß|ss))
    | mfg|vg|lg|hochachtungsvoll|(?:un\s+)?(?:cordial\s+)?saludos?|atentamente
    | (?:cordiali|distinti|cari)\s+saluti|saluti|cordialmente
    | (?:met\s+)?(?:vriendelijke|hartelijke)\s+groet(?:en)?|mvg|groeten
    | atenciosamente|(?:com\s+os\s+)?(?:melhores\s+)?cumprimentos
    | (?:serdecznie\s+)?pozdrawiam(?:\s+serdecznie)?|z\s+powa[żz]aniem)\s*[,.!]{0,3}""",
    re.VERBOSE | re.IGNORECASE,
)
CONTACT = re.compile(
    r"(?:\+|\b0|\(0)\d[\d .()/-]{7,18}|\b(?:www\.|https?://)\S|[^\s@]{1,64}@[^\s@]{2,190}"
    r"|\b(?:t[ée]l|phone|mobile?|port|fax|telefon|handy|m[óo]vil)\b\s*\.?\s*[:.]|\b\d{5}\s+[A-ZÀ-Ý]",
    re.IGNORECASE,
)
# a line that begins the small print at the foot; what follows it belongs to it
DISCLAIMER = re.compile(
    r"""[\s*_>"«\[(-]{0,8}(?:
      (?:(?:ce|le\s+pr[ée]sent)\s+(?:message|courriel|mail|e-?mail|courrier\s+[ée]lectronique)
        (?:\s+\([^)]{1,60}\))?|les\s+informations\s+contenues\s+dans\s+ce)
        .{0,200}?(?:confidenti|destinataire|pi[èe]ces?\s+jointe|[ée]tabli|exclusi|r[ée]serv[ée]|secret)
    | (?:avis|clause|mention)\s+de\s+confidentialit[ée]|l'int[ée]grit[ée]\s+de\s+ce\s+message
    | (?:pensez?|merci\s+de\s+penser)\s+[àa]\s+l'environnement|(?:avant\s+d'imprimer|n'imprimez)\b.{1,120}
    | (?:garanti\s+)?sans\s+virus\.?\s.{0,40}avast|(?:cet|ce)\s+(?:e-?mail|message)\s+a\s+[ée]t[ée]\s+v[ée]rifi[ée].{1,80}
    | (?:this|the\s+information\s+(?:contained\s+)?in\s+this)\s+(?:e-?mail|message|communication|electronic\s+mail)
        .{0,200}?(?:confidential|intended|privileged|attachment|addressee)
    | (?:confidentiality|privacy|legal)\s+(?:notice|note|disclaimer)|disclaimer\s*[:.]|please\s+consider\s+the\s+environment
    | virus-free\.?\s|this\s+e-?mail\s+has\s+been\s+(?:checked|scanned)
    | (?:diese|der\s+inhalt\s+dieser)\s+(?:e-?mail|nachricht).{0,200}?(?:vertraulich|bestimmt|empf[äa]nger)
    | bitte\s+(?:denken\s+sie\s+an\s+die\s+umwelt|pr[üu]fen\s+sie,?\s+ob\s+diese)
    | (?:este|el\s+presente)\s+(?:mensaje|correo|e-?mail).{0,200}?(?:confidencial|destinatari)
    | (?:aviso\s+(?:legal|de\s+confidencialidad)|antes\s+de\s+imprimir)\b
    | (?:questo\s+messaggio|questa\s+e-?mail|le\s+informazioni\s+contenute).{0,200}?(?:confidenzial|riservat|destinatari)
    | avviso\s+di\s+riservatezza
    | (?:dit\s+(?:bericht|e-?mail(?:bericht)?)|deze\s+e-?mail|de\s+informatie).{0,200}?(?:vertrouwelijk|bestemd|geadresseerde)
    | (?:esta\s+mensagem|este\s+e-?mail|este\s+correio).{0,200}?(?:confidenci|destinat[áa]ri)
    | (?:ta\s+wiadomo[śs][ćc]|niniejsza\s+wiadomo[śs][ćc]|tre[śs][ćc]\s+tej).{0,200}?(?:poufn|adresat|przeznaczon)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
# what a company's own mail server writes above a mail from outside
BANNER = re.compile(
    r"[\s*_\[(!-]{0,8}(?:(?:caution|warning|external|attention)\b.{0,60}?(?:e-?mail|message)"
    r".{0,60}?(?:outside|external)|(?:attention|prudence)\b.{0,40}?(?:mail|message|courriel)"
    r".{0,60}?(?:ext[ée]rieur|externe))",
    re.IGNORECASE,
)
