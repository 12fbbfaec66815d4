"""
Words whose full stop ends no sentence, and words that begin one.

Why two lists: after "e.g." a sentence never ends; after "Inc." it may, and then
the next word is the best witness. Everything is compared in lower case.
"""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


NEVER_END = _listed(
    """
    e.g i.e cf vs viz approx ca no nos nr sec secs para art arts fig vol ed eds p pp ch incl excl resp
    mr mrs ms dr prof st sr. messrs hon rev gen col
    bzw ggf inkl exkl evtl vgl sog lit abs ziff hr fr str tel nr d.h z.b u.a i.d.r i.s.d s.o s.u u.u v.a m.a.w o.g
    p.ex c.-à-d c.à.d env m mme mlle n°
    p.ej ej núm sra dña art.º av
    bijv o.a d.w.z m.b.t
    """
)
MAY_END = _listed(
    """
    inc ltd llc llp corp co plc gmbh b.v n.v s.a s.r.l s.p.a l.p bros etc al jr sr a.m p.m
    u.s u.s.a u.k e.u d.c usw u.v.m enz ecc
    jan feb mar apr jun jul aug sep sept oct nov dec
    """
)
STARTERS = _listed(
    """
    a an the this that these those it its we our us you your they their he she i if when where while as at by for from
    in on to with without please note any all each every some such no not there here however additionally also because
    before after once unless until under upon what who how why do does is are may can will should see read contact
    der die das ein eine wir sie ihr ihre unser unsere ich es wenn falls bei mit ohne für von zu im in auf bitte diese
    dieser dieses alle jede jeder nach vor zum zur als auch weitere soweit sofern darüber außerdem
    le la les l un une nous vous votre vos notre nos si ce cette ces il elle ils pour par avec sans en dans au aux
    el los las una nosotros usted su sus nuestro nuestra si este esta estos estas para por con sin en al
    il lo gli i noi lei suo nostro se questo questa per con senza
    de het een wij u uw onze als dit deze voor met zonder
    o os as um uma você seu sua nosso nossa se este esta para com sem
    """
)
MONTHS = {
    name: number
    for number, names in enumerate(
        """
        january jan januar jänner janvier janv enero ene gennaio gen januari janeiro
        february feb februar février févr fevrier febrero febbraio febr februari fevereiro fev
        march mar märz maerz mars marzo maart março marco
        april apr avril avr abril abr aprile
        may mai mayo maggio mag mei maio
        june jun juni juin junio giugno giu junho
        july jul juli juillet juil julio luglio lug julho
        august aug août aout agosto ago augustus
        september sept sep septembre septiembre settembre set setembro
        october oct oktober okt octobre octubre ottobre ott outubro out
        november nov novembre noviembre novembro
        december dec dezember dez décembre decembre diciembre dic dicembre dezembro
        """.strip().split("\n"),
        start=1,
    )
    for name in names.split()
}
