"""Countries and their provinces as the platform's address check knows them. Must not know customers.

Country names come from the Unicode locale data. Provinces are listed for the countries whose zones are checked here; a
country that isn't listed is taken to have none, so its province is dropped.
"""

from functools import cache, lru_cache
from typing import Final

from babel import Locale

_ZONES: Final[dict[str, str]] = {
    "AU": "ACT=Australian Capital Territory,NSW=New South Wales,NT=Northern Territory,QLD=Queensland,"
    "SA=South Australia,TAS=Tasmania,VIC=Victoria,WA=Western Australia",
    "BR": "AC=Acre,AL=Alagoas,AP=Amapá,AM=Amazonas,BA=Bahia,CE=Ceará,DF=Distrito Federal,ES=Espírito Santo,"
    "GO=Goiás,MA=Maranhão,MT=Mato Grosso,MS=Mato Grosso do Sul,MG=Minas Gerais,PA=Pará,PB=Paraíba,"
    "PR=Paraná,PE=Pernambuco,PI=Piauí,RN=Rio Grande do Norte,RS=Rio Grande do Sul,RJ=Rio de Janeiro,"
    "RO=Rondônia,RR=Roraima,SC=Santa Catarina,SP=São Paulo,SE=Sergipe,TO=Tocantins",
    "CA": "AB=Alberta,BC=British Columbia,MB=Manitoba,NB=New Brunswick,NL=Newfoundland and Labrador,"
    "NT=Northwest Territories,NS=Nova Scotia,NU=Nunavut,ON=Ontario,PE=Prince Edward Island,QC=Quebec,"
    "SK=Saskatchewan,YT=Yukon",
    "ES": "C=A Coruña,VI=Álava,AB=Albacete,A=Alicante,AL=Almería,O=Asturias,AV=Ávila,BA=Badajoz,PM=Balears,"
    "B=Barcelona,BU=Burgos,CC=Cáceres,CA=Cádiz,S=Cantabria,CS=Castellón,CE=Ceuta,CR=Ciudad Real,"
    "CO=Córdoba,CU=Cuenca,GI=Girona,GR=Granada,GU=Guadalajara,SS=Gipuzkoa,H=Huelva,HU=Huesca,J=Jaén,"
    "LO=La Rioja,GC=Las Palmas,LE=León,L=Lleida,LU=Lugo,M=Madrid,MA=Málaga,ML=Melilla,MU=Murcia,"
    "NA=Navarra,OR=Ourense,P=Palencia,PO=Pontevedra,SA=Salamanca,TF=Santa Cruz de Tenerife,SG=Segovia,"
    "SE=Sevilla,SO=Soria,T=Tarragona,TE=Teruel,TO=Toledo,V=Valencia,VA=Valladolid,BI=Vizcaya,ZA=Zamora,"
    "Z=Zaragoza",
    "IT": "AG=Agrigento,AL=Alessandria,AN=Ancona,AO=Aosta,AR=Arezzo,AP=Ascoli Piceno,AT=Asti,AV=Avellino,"
    "BA=Bari,BL=Belluno,BN=Benevento,BG=Bergamo,BI=Biella,BO=Bologna,BZ=Bolzano,BS=Brescia,BR=Brindisi,"
    "CA=Cagliari,CL=Caltanissetta,CB=Campobasso,CE=Caserta,CT=Catania,CZ=Catanzaro,CH=Chieti,CO=Como,"
    "CS=Cosenza,CR=Cremona,KR=Crotone,CN=Cuneo,EN=Enna,FE=Ferrara,FI=Firenze,FG=Foggia,FC=Forlì-Cesena,"
    "FR=Frosinone,GE=Genova,GO=Gorizia,GR=Grosseto,IM=Imperia,IS=Isernia,AQ=L'Aquila,SP=La Spezia,"
    "LT=Latina,LE=Lecce,LC=Lecco,LI=Livorno,LO=Lodi,LU=Lucca,MC=Macerata,MN=Mantova,MS=Massa-Carrara,"
    "MT=Matera,ME=Messina,MI=Milano,MO=Modena,NA=Napoli,NO=Novara,NU=Nuoro,OR=Oristano,PD=Padova,"
    "PA=Palermo,PR=Parma,PV=Pavia,PG=Perugia,PU=Pesaro e Urbino,PE=Pescara,PC=Piacenza,PI=Pisa,"
    "PT=Pistoia,PN=Pordenone,PZ=Potenza,PO=Prato,RG=Ragusa,RA=Ravenna,RC=Reggio Calabria,"
    "RE=Reggio Emilia,RI=Rieti,RN=Rimini,RM=Roma,RO=Rovigo,SA=Salerno,SS=Sassari,SV=Savona,SI=Siena,"
    "SR=Siracusa,SO=Sondrio,TA=Taranto,TE=Teramo,TR=Terni,TO=Torino,TP=Trapani,TN=Trento,TV=Treviso,"
    "TS=Trieste,UD=Udine,VA=Varese,VE=Venezia,VB=Verbano-Cusio-Ossola,VC=Vercelli,VR=Verona,"
    "VV=Vibo Valentia,VI=Vicenza,VT=Viterbo",
    "US": "AL=Alabama,AK=Alaska,AS=American Samoa,AZ=Arizona,AR=Arkansas,CA=California,CO=Colorado,"
    "CT=Connecticut,DE=Delaware,DC=District of Columbia,FM=Micronesia,FL=Florida,GA=Georgia,GU=Guam,"
    "HI=Hawaii,ID=Idaho,IL=Illinois,IN=Indiana,IA=Iowa,KS=Kansas,KY=Kentucky,LA=Louisiana,ME=Maine,"
    "MH=Marshall Islands,MD=Maryland,MA=Massachusetts,MI=Michigan,MN=Minnesota,MS=Mississippi,"
    "MO=Missouri,MT=Montana,NE=Nebraska,NV=Nevada,NH=New Hampshire,NJ=New Jersey,NM=New Mexico,"
    "NY=New York,NC=North Carolina,ND=North Dakota,MP=Northern Mariana Islands,OH=Ohio,OK=Oklahoma,"
    "OR=Oregon,PW=Palau,PA=Pennsylvania,PR=Puerto Rico,RI=Rhode Island,SC=South Carolina,SD=South Dakota,"
    "TN=Tennessee,TX=Texas,VI=U.S. Virgin Islands,UT=Utah,VT=Vermont,VA=Virginia,WA=Washington,"
    "WV=West Virginia,WI=Wisconsin,WY=Wyoming,AA=Armed Forces Americas,AE=Armed Forces Europe,"
    "AP=Armed Forces Pacific",
}


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    names: dict[str, str] = dict(Locale("en").territories)
    # The locale data also names continents, by digits, and groupings that are no country of an address.
    no_countries = {"ZZ", "EU", "UN", "EZ"}
    return {code: name for code, name in names.items() if code.isalpha() and code not in no_countries}


@cache
def zones_of(country_code: str) -> dict[str, str]:
    """List a country's provinces by code; empty for a country without zones."""
    listed = _ZONES.get(country_code, "")
    return dict(entry.split("=", 1) for entry in listed.split(",") if entry)


def find_country(text: str) -> tuple[str, str] | None:
    """Find the code and English name of a country given by either; None for an unknown one."""
    countries = _countries()
    code = text.strip().upper()
    if code in countries:
        return code, countries[code]
    wanted = text.strip().casefold()
    return next(((code, name) for code, name in countries.items() if name.casefold() == wanted), None)


def find_province(country_code: str, text: str) -> tuple[str, str] | None:
    """Find the code and name of a province given by either; None for an unknown one."""
    zones = zones_of(country_code)
    code = text.strip().upper()
    if code in zones:
        return code, zones[code]
    wanted = text.strip().casefold()
    return next(((code, name) for code, name in zones.items() if name.casefold() == wanted), None)
