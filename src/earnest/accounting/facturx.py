"""Factur-X 1.0, profile BASIC: the invoice as UN/CEFACT Cross Industry Invoice (EN 16931), inside a PDF/A-3.

Deposits that were invoiced are a line with quantity -1, so that their tax is deducted with them; amounts that were
paid and not invoiced are BT-113. The paper is Typst's, the XML ours; the library of FNFE and Akretion holds the XML
against its XSD and joins the two.
"""

from decimal import Decimal
from typing import Final
from xml.etree import ElementTree as ET

from earnest.accounting.documents import Document
from earnest.core.invoice import CREDIT_NOTE, DEPOSIT_INVOICE
from earnest.core.money import major
from earnest.seller import Seller

PROFILE: Final = "urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic"
_NAMESPACES: Final = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
#: UNTDID 1001: prepayment invoice, credit note, commercial invoice.
_TYPES: Final = {DEPOSIT_INVOICE: "386", CREDIT_NOTE: "381"}
_INVOICE_TYPE: Final = "380"
#: ISO 6523: the register of French companies; UN/ECE recommendation 20: one piece.
_SIREN, _PIECE = "0002", "C62"

for _prefix, _uri in _NAMESPACES.items():
    ET.register_namespace(_prefix, _uri)


def xml(document: Document) -> bytes:
    """The invoice as data, UTF-8."""
    root = ET.Element(_named("rsm:CrossIndustryInvoice"))
    context = _add(root, "rsm:ExchangedDocumentContext")
    _add(_add(context, "ram:GuidelineSpecifiedDocumentContextParameter"), "ram:ID", PROFILE)
    head = _add(root, "rsm:ExchangedDocument")
    _add(head, "ram:ID", document.number)
    _add(head, "ram:TypeCode", _TYPES.get(document.series, _INVOICE_TYPE))
    _add(_add(head, "ram:IssueDateTime"), "udt:DateTimeString", f"{document.on:%Y%m%d}", format="102")
    if document.source:
        _add(_add(head, "ram:IncludedNote"), "ram:Content", document.source)
    trade = _add(root, "rsm:SupplyChainTradeTransaction")
    for n, (name, quantity, net_minor) in enumerate(_lines(document), start=1):
        _line(trade, document, str(n), name, quantity, net_minor)
    agreement = _add(trade, "ram:ApplicableHeaderTradeAgreement")
    _seller(_add(agreement, "ram:SellerTradeParty"), document.seller)
    _buyer(_add(agreement, "ram:BuyerTradeParty"), document)
    order = _add(agreement, "ram:BuyerOrderReferencedDocument")
    _add(order, "ram:IssuerAssignedID", document.sale or document.reservation)
    _add(trade, "ram:ApplicableHeaderTradeDelivery")
    _settlement(_add(trade, "ram:ApplicableHeaderTradeSettlement"), document)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def joined(paper: bytes, document: Document, language: str) -> bytes:
    """The paper (PDF/A-3) with its XML inside. The library raises an error where its XSD does not hold."""
    from facturx import generate_from_binary  # half a second, for companies alone

    made: bytes = generate_from_binary(
        paper,
        xml(document),
        flavor="factur-x",
        level="basic",
        check_xsd=True,
        lang="fr-FR" if language == "fr" else "en-GB",
        pdf_metadata={
            "author": document.seller.name,
            "title": document.number,
            "subject": document.reservation,
            "keywords": "Factur-X",
        },
    )
    return made


def _lines(document: Document) -> list[tuple[str, int, int]]:
    """(name, quantity, net of one)."""
    title = document.title if document.quantity == 1 else f"{document.quantity} × {document.title}"
    lines = [(title, 1, document.net_minor)]
    if document.deducted_minor:
        deducted = document.deducted_minor - document.deducted_tax_minor
        lines.append((", ".join(document.of), -1, deducted))
    return lines


def _line(trade: ET.Element, document: Document, n: str, name: str, quantity: int, net_minor: int) -> None:
    line = _add(trade, "ram:IncludedSupplyChainTradeLineItem")
    _add(_add(line, "ram:AssociatedDocumentLineDocument"), "ram:LineID", n)
    _add(_add(line, "ram:SpecifiedTradeProduct"), "ram:Name", name)
    price = _add(_add(line, "ram:SpecifiedLineTradeAgreement"), "ram:NetPriceProductTradePrice")
    _add(price, "ram:ChargeAmount", major(net_minor, document.currency))
    delivery = _add(line, "ram:SpecifiedLineTradeDelivery")
    _add(delivery, "ram:BilledQuantity", str(quantity), unitCode=_PIECE)
    settlement = _add(line, "ram:SpecifiedLineTradeSettlement")
    tax = _add(settlement, "ram:ApplicableTradeTax")
    _add(tax, "ram:TypeCode", "VAT")
    _add(tax, "ram:CategoryCode", _category(document))
    _add(tax, "ram:RateApplicablePercent", _rate(document))
    total = _add(settlement, "ram:SpecifiedTradeSettlementLineMonetarySummation")
    _add(total, "ram:LineTotalAmount", major(quantity * net_minor, document.currency))


def _seller(party: ET.Element, maker: Seller) -> None:
    _add(party, "ram:Name", maker.name)
    if maker.siren:
        _add(_add(party, "ram:SpecifiedLegalOrganization"), "ram:ID", maker.siren, schemeID=_SIREN)
    address = _add(party, "ram:PostalTradeAddress")
    first, *others = maker.address or ("",)
    _add(address, "ram:LineOne", first)
    if others:
        _add(address, "ram:LineTwo", ", ".join(others))
    _add(address, "ram:CountryID", maker.country)
    if maker.vat_number:
        _add(_add(party, "ram:SpecifiedTaxRegistration"), "ram:ID", maker.vat_number, schemeID="VA")


def _buyer(party: ET.Element, document: Document) -> None:
    _add(party, "ram:Name", document.buyer)
    address = _add(party, "ram:PostalTradeAddress")
    for tag, text in (
        ("ram:PostcodeCode", document.buyer_postcode),
        ("ram:LineOne", document.buyer_street),
        ("ram:LineTwo", document.buyer_street_more),
        ("ram:CityName", document.buyer_city),
    ):
        if text:
            _add(address, tag, text)
    _add(address, "ram:CountryID", document.buyer_country)
    if document.buyer_vat:
        _add(_add(party, "ram:SpecifiedTaxRegistration"), "ram:ID", document.buyer_vat, schemeID="VA")


def _settlement(settlement: ET.Element, document: Document) -> None:
    gross = document.gross_minor - document.deducted_minor
    tax_minor = document.tax_minor - document.deducted_tax_minor
    prepaid = document.paid_minor - document.deducted_minor
    _add(settlement, "ram:PaymentReference", document.reservation)
    _add(settlement, "ram:InvoiceCurrencyCode", document.currency)
    tax = _add(settlement, "ram:ApplicableTradeTax")
    _add(tax, "ram:CalculatedAmount", major(tax_minor, document.currency))
    _add(tax, "ram:TypeCode", "VAT")
    _add(tax, "ram:BasisAmount", major(gross - tax_minor, document.currency))
    _add(tax, "ram:CategoryCode", _category(document))
    _add(tax, "ram:RateApplicablePercent", _rate(document))
    terms = _add(settlement, "ram:SpecifiedTradePaymentTerms")
    _add(terms, "ram:Description", document.reservation)
    total = _add(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    _add(total, "ram:LineTotalAmount", major(gross - tax_minor, document.currency))
    _add(total, "ram:TaxBasisTotalAmount", major(gross - tax_minor, document.currency))
    _add(total, "ram:TaxTotalAmount", major(tax_minor, document.currency), currencyID=document.currency)
    _add(total, "ram:GrandTotalAmount", major(gross, document.currency))
    if prepaid > 0:
        _add(total, "ram:TotalPrepaidAmount", major(prepaid, document.currency))
    _add(total, "ram:DuePayableAmount", major(gross - max(0, prepaid), document.currency))
    for number in document.of:
        _add(_add(settlement, "ram:InvoiceReferencedDocument"), "ram:IssuerAssignedID", number)


def _category(document: Document) -> str:
    """UNTDID 5305: standard rate, or zero rated."""
    return "S" if document.tax_rate_bp else "Z"


def _rate(document: Document) -> str:
    return str(Decimal(document.tax_rate_bp).scaleb(-2))


def _named(tag: str) -> str:
    prefix, _, name = tag.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{name}"


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, _named(tag), attributes)
    if text:
        child.text = text
    return child
