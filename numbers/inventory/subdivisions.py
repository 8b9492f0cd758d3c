"""States, provinces and lands by their usual codes (ISO 3166-2, postal), and other names that people write for them.

Data: ``code name`` or ``code name=other name=…``. The name is the one that is stored and shown. Compared by
:func:`numbers.inventory.spelling.key`, so that case, accents and punctuation need no entry of their own.
"""

_TEXT = {
    "US": """
AL Alabama=Ala;AK Alaska;AZ Arizona=Ariz;AR Arkansas=Ark;CA California=Calif=Cal;CO Colorado=Colo;
CT Connecticut=Conn;DE Delaware=Del;DC Washington D.C.=District of Columbia=Washington DC;FL Florida=Fla;
GA Georgia;HI Hawaii=Hawai'i;ID Idaho;IL Illinois=Ill;IN Indiana=Ind;IA Iowa;KS Kansas=Kans=Kan;KY Kentucky;
LA Louisiana;ME Maine;MD Maryland;MA Massachusetts=Mass;MI Michigan=Mich;MN Minnesota=Minn;MS Mississippi=Miss;
MO Missouri;MT Montana=Mont;NE Nebraska=Nebr=Neb;NV Nevada=Nev;NH New Hampshire;NJ New Jersey;NM New Mexico=N Mex;
NY New York;NC North Carolina=N Car;ND North Dakota=N Dak;OH Ohio;OK Oklahoma=Okla;OR Oregon=Ore=Oreg;
PA Pennsylvania=Penn=Penna;RI Rhode Island;SC South Carolina=S Car;SD South Dakota=S Dak;TN Tennessee=Tenn;
TX Texas=Tex;UT Utah;VT Vermont;VA Virginia;WA Washington=Wash;WV West Virginia=W Va;WI Wisconsin=Wis=Wisc;
WY Wyoming=Wyo
""",
    "CA": """
AB Alberta=Alta;BC British Columbia=Colombie-Britannique;MB Manitoba=Man;NB New Brunswick=Nouveau-Brunswick;
NL Newfoundland and Labrador=Newfoundland=NF=NFLD=Terre-Neuve-et-Labrador;NS Nova Scotia=Nouvelle-Écosse;
NT Northwest Territories=NWT=Territoires du Nord-Ouest;NU Nunavut;ON Ontario=Ont;
PE Prince Edward Island=PEI=Île-du-Prince-Édouard;QC Québec=PQ=Que;SK Saskatchewan=Sask;YT Yukon=Yukon Territory=YK
""",
    "AU": """
ACT Australian Capital Territory;NSW New South Wales;NT Northern Territory=North Territory;QLD Queensland;
SA South Australia;
TAS Tasmania;VIC Victoria;WA Western Australia=West Australia
""",
    "GB": "ENG England;SCT Scotland;WLS Wales=Cymru;NIR Northern Ireland",
    "DE": """
BW Baden-Württemberg;BY Bavaria=Bayern;BE Berlin;BB Brandenburg;HB Bremen;HH Hamburg;HE Hesse=Hessen;
MV Mecklenburg-Western Pomerania=Mecklenburg-Vorpommern;NI Lower Saxony=Niedersachsen;
NW North Rhine-Westphalia=Nordrhein-Westfalen=NRW;RP Rhineland-Palatinate=Rheinland-Pfalz;SL Saarland;
SN Saxony=Sachsen;ST Saxony-Anhalt=Sachsen-Anhalt;SH Schleswig-Holstein;TH Thuringia=Thüringen
""",
    "AT": """
1 Burgenland;2 Carinthia=Kärnten;3 Lower Austria=Niederösterreich;4 Upper Austria=Oberösterreich;5 Salzburg;
6 Styria=Steiermark;7 Tyrol=Tirol;8 Vorarlberg;9 Vienna=Wien
""",
    "CH": """
AG Aargau;AR Appenzell Ausserrhoden;AI Appenzell Innerrhoden;BL Basel-Landschaft;BS Basel-Stadt;BE Bern=Berne;
FR Fribourg=Freiburg;GE Geneva=Genève=Genf;GL Glarus;GR Graubünden=Grisons;JU Jura;LU Lucerne=Luzern;
NE Neuchâtel=Neuenburg;NW Nidwalden;OW Obwalden;SG St. Gallen;SH Schaffhausen;SZ Schwyz;SO Solothurn;TG Thurgau;
TI Ticino=Tessin;UR Uri;VS Valais=Wallis;VD Vaud=Waadt;ZG Zug;ZH Zürich
""",
    "BR": """
AC Acre;AL Alagoas;AP Amapá;AM Amazonas;BA Bahia;CE Ceará;DF Distrito Federal=Federal District;ES Espírito Santo;
GO Goiás;MA Maranhão;MT Mato Grosso;MS Mato Grosso do Sul;MG Minas Gerais;PA Pará;PB Paraíba;PR Paraná;PE Pernambuco;
PI Piauí;RJ Rio de Janeiro;RN Rio Grande do Norte;RS Rio Grande do Sul;RO Rondônia;RR Roraima;SC Santa Catarina;
SP São Paulo;SE Sergipe;TO Tocantins
""",
    "MX": """
AGU Aguascalientes=AGS;BCN Baja California=BC;BCS Baja California Sur;CAM Campeche;CHP Chiapas=CHIS;
CHH Chihuahua=CHIH;CMX Ciudad de México=CDMX=Mexico City=DF=Distrito Federal;COA Coahuila=COAH=Coahuila de Zaragoza;
COL Colima;DUR Durango=DGO;GUA Guanajuato=GTO;GRO Guerrero;HID Hidalgo=HGO;JAL Jalisco;
MEX Estado de México=México=EDOMEX;MIC Michoacán=MICH=Michoacán de Ocampo;MOR Morelos;NAY Nayarit;NLE Nuevo León=NL;
OAX Oaxaca;PUE Puebla;QUE Querétaro=QRO;ROO Quintana Roo=QROO=Q Roo;SLP San Luis Potosí;SIN Sinaloa;SON Sonora;
TAB Tabasco;TAM Tamaulipas=TAMPS;TLA Tlaxcala=TLAX;VER Veracruz=Veracruz de Ignacio de la Llave;YUC Yucatán;
ZAC Zacatecas
""",
    "IN": """
AN Andaman and Nicobar Islands;AP Andhra Pradesh;AR Arunachal Pradesh;AS Assam;BR Bihar;CH Chandigarh;
CG Chhattisgarh=CT;DL Delhi=NCT=New Delhi;GA Goa;GJ Gujarat;HR Haryana;HP Himachal Pradesh;JK Jammu and Kashmir;
JH Jharkhand;KA Karnataka;KL Kerala;LA Ladakh;LD Lakshadweep;MP Madhya Pradesh;MH Maharashtra;MN Manipur;
ML Meghalaya;MZ Mizoram;NL Nagaland;OD Odisha=OR=Orissa;PY Puducherry=Pondicherry;PB Punjab;RJ Rajasthan;SK Sikkim;
TN Tamil Nadu;TS Telangana=TG;TR Tripura;UP Uttar Pradesh;UK Uttarakhand=UT;WB West Bengal
""",
}


def _table(text: str) -> dict[str, list[str]]:
    found = {}
    for entry in text.strip().split(";"):
        code, names = entry.strip().split(" ", 1)
        found[code] = names.split("=")
    return found


_TABLES = {country: _table(text) for country, text in _TEXT.items()}
# Country → code → name.
NAMES = {country: {code: names[0] for code, names in table.items()} for country, table in _TABLES.items()}
# Country → (written, name), the codes included.
WRITTEN = {
    country: [(text, names[0]) for code, names in table.items() for text in (code, *names)]
    for country, table in _TABLES.items()
}
