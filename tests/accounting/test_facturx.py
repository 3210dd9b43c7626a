"""Factur-X: the XML holds against its XSD and adds up by EN 16931, and a business customer's PDF carries it."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from facturx import get_facturx_xml_from_pdf, get_level, xml_check_xsd
from lxml import etree
from pypdf import PdfReader

from earnest.accounting import facturx
from earnest.accounting.documents import Document
from earnest.core.vat import tax_in
from earnest.seller import Seller
from earnest.web.telling import sheets

pytestmark = pytest.mark.once

FINAL = Document(
    number="INV-2026-000001",
    series="invoice",
    on=date(2026, 11, 25),
    reservation="K7QF-2M9X-4",
    sale="S-7",
    title="The boat & its “sails” <large>",
    quantity=2,
    buyer="Moreau Marine SARL",
    buyer_vat="FR40303265045",
    buyer_street="12 rue du Port",
    buyer_street_more="Bâtiment B",
    buyer_postcode="29000",
    buyer_city="Quimper",
    buyer_country="FR",
    consumer=False,
    seller=Seller("Boatyard SAS", ("1 quai des Forges", "44000 Nantes"), "FR", "732829320", "FR44732829320"),
    currency="EUR",
    gross_minor=20_000_001,
    tax_minor=tax_in(20_000_001, 2000),
    tax_rate_bp=2000,
    of=("DEP-2026-000001", "DEP-2026-000002"),
    deducted_minor=1_500_007,
    deducted_tax_minor=tax_in(1_500_007, 2000),
    paid_minor=2_000_000,
    paid_on=None,
    source="",
)
DEPOSIT = replace(
    FINAL,
    number="DEP-2026-000001",
    series="deposit-invoice",
    quantity=1,
    gross_minor=500_000,
    tax_minor=83_333,
    of=(),
    deducted_minor=0,
    deducted_tax_minor=0,
    paid_minor=500_000,
    paid_on=date(2026, 3, 2),
    source="CGI, art. 269, 2, a",
)
CREDIT = replace(
    DEPOSIT, number="CRN-2026-000001", series="credit-note", of=("DEP-2026-000001",), paid_minor=0
)
ZERO = replace(DEPOSIT, tax_rate_bp=0, tax_minor=0, buyer_vat="")
ALL = (FINAL, DEPOSIT, CREDIT, ZERO)


def read(data: bytes) -> Any:
    return etree.fromstring(data)


def said(root: Any, name: str) -> list[str]:
    return [each.text for each in root.iter(f"{{*}}{name}")]


def amount(root: Any, name: str) -> Decimal:
    """The last of its name: that of the whole document."""
    return Decimal(said(root, name)[-1])


@pytest.mark.parametrize("document", ALL, ids=lambda each: f"{each.series} {each.tax_rate_bp}")
def test_the_xml_holds_against_the_xsd_of_its_profile(document: Document) -> None:
    data = facturx.xml(document)
    assert get_level(etree.fromstring(data)) == "basic"
    assert xml_check_xsd(data, flavor="factur-x", level="basic") is True


@pytest.mark.parametrize("broken", ["TypeCode", "DuePayableAmount", "CountryID", "LineID"])
def test_the_xsd_notices_what_is_missing(broken: str) -> None:
    root = read(facturx.xml(FINAL))
    gone = next(root.iter(f"{{*}}{broken}"))
    gone.getparent().remove(gone)
    with pytest.raises(Exception, match=r"schema|XSD|valid"):
        xml_check_xsd(etree.tostring(root), flavor="factur-x", level="basic")


@pytest.mark.parametrize("document", ALL, ids=lambda each: f"{each.series} {each.tax_rate_bp}")
def test_the_sums_keep_the_business_rules_of_en_16931(document: Document) -> None:
    root = read(facturx.xml(document))
    lines = [Decimal(each) for each in said(root, "LineTotalAmount")[:-1]]
    basis, tax, grand = (
        amount(root, name) for name in ("TaxBasisTotalAmount", "TaxTotalAmount", "GrandTotalAmount")
    )
    assert sum(lines) == amount(root, "LineTotalAmount") == basis  # BR-CO-10, BR-CO-13
    assert grand == basis + tax  # BR-CO-15
    prepaid = Decimal((said(root, "TotalPrepaidAmount") or ["0"])[0])
    assert amount(root, "DuePayableAmount") == grand - prepaid  # BR-CO-16
    assert (
        amount(root, "CalculatedAmount") == tax and amount(root, "BasisAmount") == basis
    )  # BR-CO-14, BR-S-08
    rate = Decimal(said(root, "RateApplicablePercent")[-1]) / 100
    assert abs(tax - basis * rate) <= Decimal("0.02")  # BR-CO-17, within the cents of prices that include tax
    prices = [Decimal(each) for each in said(root, "ChargeAmount")]
    assert min(prices) >= 0  # BR-27
    quantities = [Decimal(each) for each in said(root, "BilledQuantity")]
    assert [price * many for price, many in zip(prices, quantities, strict=True)] == lines


def test_the_final_invoice_deducts_what_was_invoiced_and_asks_for_the_rest() -> None:
    root = read(facturx.xml(FINAL))
    assert said(root, "TypeCode")[0] == "380" and said(root, "BilledQuantity") == ["1", "-1"]
    assert amount(root, "DuePayableAmount") == Decimal(FINAL.due_minor) / 100 == Decimal("180000.01")
    assert said(root, "IssuerAssignedID") == ["S-7", "DEP-2026-000001", "DEP-2026-000002"]
    assert said(read(facturx.xml(DEPOSIT)), "TypeCode")[0] == "386"
    assert said(read(facturx.xml(CREDIT)), "TypeCode")[0] == "381"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_business_customers_pdf_carries_the_xml_and_says_so(language: str) -> None:
    made = sheets.invoice(FINAL, language)
    name, data = get_facturx_xml_from_pdf(made)
    assert name == "factur-x.xml" and etree.tostring(read(data), method="c14n") == etree.tostring(
        read(facturx.xml(FINAL)), method="c14n"
    )
    reader = PdfReader(io.BytesIO(made))
    meta = reader.xmp_metadata
    assert meta is not None
    written = etree.tostring(etree.fromstring(meta.stream.get_data())).decode()
    assert "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#" in written and ">BASIC<" in written
    assert "<pdfaid:part>3</pdfaid:part>" in written
    assert "INV-2026-000001" in reader.pages[0].extract_text()


def test_a_consumers_pdf_carries_none() -> None:
    made = sheets.invoice(replace(FINAL, consumer=True, buyer_vat=""), "en")
    assert not PdfReader(io.BytesIO(made)).attachments


def test_the_buyers_postal_address_is_bg_8_and_the_country_alone_where_there_is_none() -> None:
    def said(document: Document) -> dict[str, str]:
        found = etree.fromstring(facturx.xml(document)).find(".//{*}BuyerTradeParty/{*}PostalTradeAddress")
        assert found is not None
        return {etree.QName(each).localname: each.text or "" for each in found}

    assert said(FINAL) == {
        "PostcodeCode": "29000",
        "LineOne": "12 rue du Port",
        "LineTwo": "Bâtiment B",
        "CityName": "Quimper",
        "CountryID": "FR",
    }
    nowhere = dict.fromkeys(("buyer_street", "buyer_street_more", "buyer_postcode", "buyer_city"), "")
    assert said(replace(FINAL, **nowhere)) == {"CountryID": "FR"}
    assert xml_check_xsd(facturx.xml(replace(FINAL, **nowhere)), flavor="factur-x", level="basic")
