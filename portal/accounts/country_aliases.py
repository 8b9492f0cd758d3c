"""Other names under which people look for a country: usual, native, former and short ones, without accents."""

_ALIASES = """
AE UAE,Emirates,Dubai,Abu Dhabi;AG Antigua,Barbuda;AL Shqiperia;AM Hayastan;AR Argentine;AT Osterreich,Oesterreich; AX
Aland;AZ Azerbaycan;BA Bosnia,Herzegovina,Bosna,BiH;BE Belgie,Belgique,Belgien;BG Bulgariya;BH Al Bahrayn; BL St
Barts,St Barth,Saint Barthelemy;BN Brunei Darussalam;BO Plurinational State of Bolivia; BQ Bonaire,Sint
Eustatius,Saba;BR Brasil;BY Byelorussia,Belorussia;CC Keeling Islands; CD DRC,DR Congo,Democratic Republic of the
Congo,Zaire,Congo-Kinshasa;CF CAR; CG Republic of the Congo,Congo-Brazzaville;CH Schweiz,Suisse,Svizzera,Svizra,Swiss;
CI Ivory Coast,Cote d Ivoire,Cote dIvoire;CN PRC,People's Republic of China,Zhongguo,Mainland China;CV Cabo Verde; CY
Kypros,Kibris;CZ Czech Republic,Cesko,Ceska republika,Bohemia;DE Deutschland,Allemagne,Federal Republic of Germany; DK
Danmark;DO Republica Dominicana;DZ Algerie,Al Jazair;EE Eesti;EG Misr;ES Espana,Espagne,Balearic Islands,Canary
Islands; ET Abyssinia;FI Suomi;FK Malvinas,Islas Malvinas;FM Federated States of Micronesia;FO Foroyar,Faroes; GB
UK,U.K.,Great Britain,Britain,England,Scotland,Wales,Northern Ireland,Cymru,British;GE Sakartvelo;GF Guyane; GM The
Gambia;GR Hellas,Ellada,Hellenic Republic;HK Hongkong,HKSAR;HR Hrvatska;HU Magyarorszag;IE Eire,Republic of
Ireland,Irish Republic;IL Yisrael;IM Man;IN Bharat,Hindustan;IO BIOT,Diego Garcia,Chagos;IR Persia,Islamic Republic of
Iran; IS Island,Lydveldid Island;IT Italia;JP Nippon,Nihon;KG Kirghizia,Kyrgyz Republic;KH Kampuchea;KM Comores;KN St
Kitts,Nevis; KP DPRK,Democratic People's Republic of Korea,Korea North;KR Korea,Republic of Korea,ROK,Korea
South,Hanguk;KZ Qazaqstan; LA Lao PDR,Lao People's Democratic Republic;LC St Lucia;LK Ceylon;LT Lietuva;LU
Letzebuerg,Luxemburg;LV Latvija; LY Libyan Arab Jamahiriya;MA Maroc,Al Maghrib;MD Republic of Moldova;ME Crna Gora;MF
St Martin;MK Macedonia,FYROM,Makedonija; MM Burma;MO Macau;MP Saipan,CNMI;MX Mejico;NC Nouvelle Caledonie; NL
Holland,Nederland,The Netherlands,Pays-Bas;NO Norge,Noreg;NZ Aotearoa;OM Sultanate of Oman; PF Tahiti,Polynesie
francaise;PG PNG;PH Pilipinas,The Philippines;PL Polska;PM St Pierre and Miquelon; PS Palestinian
Territories,Palestinian Territory,West Bank,Gaza;RE Reunion;RO Rumania,Roumania;RS Srbija; RU Russian
Federation,Rossiya,Rossija;SA KSA,Kingdom of Saudi Arabia;SE Sverige;SH St Helena;SI Slovenija; SJ Spitsbergen;SK
Slovensko,Slovak Republic;SR Surinam;ST Sao Tome;SX St Maarten,Saint Martin;SY Syrian Arab Republic; SZ Swaziland;TH
Siam;TL East Timor,Timor;TR Turkey,Turkiye;TT Trinidad,Tobago;TW Formosa,Republic of China,ROC; TZ United Republic of
Tanzania,Zanzibar;UA Ukraina; US USA,U.S.,U.S.A.,America,United States of America,The States,American; VA Holy
See,Vatican;VC St Vincent,Grenadines;VE Bolivarian Republic of Venezuela;VG BVI;VI USVI,US Virgin Islands; VN Viet
Nam;WS Western Samoa;XK Kosova;ZA RSA,Suid-Afrika
"""


def _table(text: str) -> dict[str, tuple[str, ...]]:
    found = {}
    for entry in text.replace("\n", " ").split(";"):
        code, names = entry.strip().split(" ", 1)
        found[code] = tuple(" ".join(name.split()) for name in names.split(","))
    return found


ALIASES = _table(_ALIASES)
