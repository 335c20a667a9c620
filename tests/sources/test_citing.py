"""Citations in three styles, against what their guides ask. Italics are written *so*."""

from datetime import date

import pytest

from sources.citing import cited
from sources.models import Contribution, Source, SourceIdentifier

CHICAGO, APA, MLA = range(3)


def source(*names, whole=None, doi="", **values) -> Source:
    """Return a source that is nowhere stored, with names as (name, role, further columns)."""
    work = Source(**{"kind": "book", "title": "On War"} | values)
    rows = []
    for name in names:
        printed, role, more = [*name, *("", "author", {})[len(name) :]]
        rows.append(Contribution(name=printed, role=role, **more))
    numbers = [SourceIdentifier(scheme="doi", value=doi)] if doi else []
    work._prefetched_objects_cache = {"contributions": rows, "identifiers": numbers}
    if whole:
        work.contained_in = Source(title=whole, public=True)
    return work


def as_cited(work: Source) -> list[str]:
    return [
        "".join(f"*{run.text}*" if run.italic else run.text for run in form.runs)
        for form in cited(work)
    ]


KOREAN = {"family_first": True}
DEMO = {
    "hermes-1992": (
        "Hermes, Walter G. *Truce Tent and Fighting Front*. Center of Military History, United "
        "States Army, 1992.",
        "Hermes, W. G. (1992). *Truce tent and fighting front*. Center of Military History, United "
        "States Army.",
        "Hermes, Walter G. *Truce Tent and Fighting Front*. Center of Military History, United "
        "States Army, 1992.",
    ),
    "malkasian-2001": (
        "Malkasian, Carter. *The Korean War 1950–1953*. Osprey Publishing, 2001.",
        "Malkasian, C. (2001). *The Korean War 1950–1953*. Osprey Publishing.",
        "Malkasian, Carter. *The Korean War 1950–1953*. Osprey Publishing, 2001.",
    ),
    "zhang-1995": (
        "Zhang, Shu Guang. *Mao's Military Romanticism: China and the Korean War, 1950–1953*. "
        "University Press of Kansas, 1995.",
        "Zhang, S. G. (1995). *Mao's military romanticism: China and the Korean War, 1950–1953*. "
        "University Press of Kansas.",
        "Zhang, Shu Guang. *Mao's Military Romanticism: China and the Korean War, 1950–1953*. "
        "UP of Kansas, 1995.",
    ),
    "paik-1992": (
        "Paik Sun Yup. *From Pusan to Panmunjom*. Brassey, 1992.",
        "Paik, S. Y. (1992). *From Pusan to Panmunjom*. Brassey.",
        "Paik Sun Yup. *From Pusan to Panmunjom*. Brassey, 1992.",
    ),
    "chae-2001": (
        "Chae Han Kook, Chung Suk Kyun, and Yang Yong Cho. *The Korean War*. Edited by Yang Hee "
        "Wan, Lim Won Hyok, Thomas Lee Sims, Laura Marie Sims, Kim Chong Gu, and Allan R. "
        "Millett. Vol. 3. University of Nebraska Press, 2001.",
        "Chae, H. K., Chung, S. K., & Yang, Y. C. (2001). *The Korean War* (H. W. Yang, W. H. Lim, "
        "T. L. Sims, L. M. Sims, C. G. Kim, & A. R. Millett, Eds.; Vol. 3). University of Nebraska "
        "Press.",
        "Chae Han Kook et al. *The Korean War*. Edited by Yang Hee Wan et al., vol. 3, U of "
        "Nebraska P, 2001.",
    ),
    "chinese-military-science-academy-2000": (
        "Chinese Military Science Academy. 抗美援朝战争史 [History of War to Resist America and "
        "Aid Korea]. Vol. 3. Chinese Military Science Academy Publishing House, 2000.",
        "Chinese Military Science Academy. (2000). 抗美援朝战争史 [History of War to Resist "
        "America and Aid Korea] (Vol. 3). Chinese Military Science Academy Publishing House.",
        "Chinese Military Science Academy. 抗美援朝战争史 [*History of War to Resist America and "
        "Aid Korea*]. Vol. 3, Chinese Military Science Academy Publishing House, 2000.",
    ),
    "xue-1990": (
        "Xu Yan 徐焰. 第一次较量:抗美援朝战争的历史回顾与反思 [First confrontation: Reviews and "
        "reflections on the history of War to Resist America and Aid Korea]. Chinese Radio and "
        "Television Publishing House, 1990.",
        "Xu, Y. (1990). 第一次较量:抗美援朝战争的历史回顾与反思 [First confrontation: Reviews and "
        "reflections on the history of War to Resist America and Aid Korea]. Chinese Radio and "
        "Television Publishing House.",
        "Xu Yan. 第一次较量:抗美援朝战争的历史回顾与反思 [*First Confrontation: Reviews and "
        "Reflections on the History of War to Resist America and Aid Korea*]. Chinese Radio and "
        "Television Publishing House, 1990.",
    ),
}


@pytest.fixture
def demo(db):
    from django.core.management import call_command

    call_command("load_demo", verbosity=0)


def test_the_books_of_the_demo_are_cited_as_the_guides_ask(demo):
    found = {
        row.slug: tuple(as_cited(row))
        for row in Source.objects.filter(kind="book").for_bibliography()
    }
    assert found == DEMO


def test_words_in_another_script_carry_their_language(demo):
    work = Source.objects.for_bibliography().get(slug="xue-1990")
    runs = cited(work)[CHICAGO].runs
    assert [run.lang for run in runs if "较量" in run.text] == ["zh"]


# Rules, one by one


def test_a_romanised_title_stands_before_its_script_in_chicago_and_after_it_in_mla():
    work = source(
        ("Hua, Linfu", "author", {"family_first": True, "name_original": "华林甫"}),
        title="Zhongguo shuihan",
        title_original="中国水旱",
        title_translated="Floods and droughts of China",
        language="zh",
        issued_edtf="1999",
    )
    assert as_cited(work) == [
        "Hua Linfu 华林甫. *Zhongguo shuihan* 中国水旱 [Floods and droughts of China]. 1999.",
        "Hua, L. (1999). *Zhongguo shuihan* [Floods and droughts of China].",
        "Hua Linfu. 中国水旱 [*Zhongguo shuihan*; *Floods and droughts of China*]. 1999.",
    ]


def test_the_full_stop_of_a_quoted_title_follows_what_stands_beside_it():
    work = source(
        kind="article",
        title="Shuihan yanjiu",
        title_original="水旱研究",
        title_translated="A study of floods",
        whole="Wars",
        issued_edtf="1999",
    )
    assert as_cited(work) == [
        "“Shuihan yanjiu” 水旱研究 [A study of floods]. *Wars* (1999).",
        "Shuihan yanjiu [A study of floods]. (1999). *Wars*.",
        "“水旱研究” [Shuihan yanjiu; A study of floods]. *Wars*, 1999.",
    ]


def test_a_title_printed_in_its_own_script_alone_is_cited_so():
    work = source(title="抗美援朝战争史", title_translated="History of the war", issued_edtf="2000")
    assert as_cited(work)[CHICAGO] == "抗美援朝战争史 [History of the war]. 2000."
    assert as_cited(work)[MLA] == "抗美援朝战争史 [*History of the war*]. 2000."


def test_chicago_turns_the_first_name_only_and_lists_three_of_more_than_six():
    people = [(f"Berg{letter}, Ann",) for letter in "abcdefg"]
    assert as_cited(source(*people[:2]))[CHICAGO].startswith("Berga, Ann, and Ann Bergb. ")
    assert "Ann Berge, and Ann Bergf. " in as_cited(source(*people[:6]))[CHICAGO]
    assert as_cited(source(*people))[CHICAGO].startswith(
        "Berga, Ann, Ann Bergb, Ann Bergc, et al. "
    )


def test_two_names_take_no_comma_where_the_first_is_not_turned_round():
    work = source(("Mao, Zedong", "author", KOREAN), ("Zhou, Enlai", "author", KOREAN))
    assert as_cited(work)[CHICAGO].startswith("Mao Zedong and Zhou Enlai. ")
    assert as_cited(work)[MLA].startswith("Mao Zedong and Zhou Enlai. ")
    assert as_cited(work)[APA].startswith("Mao, Z., & Zhou, E. (n.d.). ")


def test_apa_names_twenty_and_of_more_nineteen_and_the_last():
    people = [(f"Berg{letter}, Ann",) for letter in "abcdefghijklmnopqrstu"]
    assert "Bergs, A., & Bergt, A. (n.d.)" in as_cited(source(*people[:20]))[APA]
    assert "Bergs, A., . . . Bergu, A. (n.d.)" in as_cited(source(*people))[APA]


def test_hyphens_and_suffixes_of_names_are_kept():
    work = source(("Paik, Sun-yup", "author", KOREAN), ("King, Martin Luther, Jr.",))
    assert as_cited(work) == [
        "Paik Sun-yup and Martin Luther King Jr. *On War*. n.d.",
        "Paik, S.-Y., & King, M. L., Jr. (n.d.). *On War*.",
        "Paik Sun-yup and Martin Luther King Jr. *On War*.",
    ]


def test_editors_lead_where_there_is_no_author():
    work = source(("Berg, Ann", "editor"), ("Lund, Bo", "editor"), issued_edtf="1990")
    assert as_cited(work) == [
        "Berg, Ann, and Bo Lund, eds. *On War*. 1990.",
        "Berg, A., & Lund, B. (Eds.). (1990). *On War*.",
        "Berg, Ann, and Bo Lund, editors. *On War*. 1990.",
    ]


def test_translators_and_editions_stand_after_the_title():
    work = source(
        ("Clausewitz, Carl von",),
        ("Howard, Michael", "translator"),
        edition="Second edition",
        publisher="The Princeton University Press",
        issued_edtf="1984",
    )
    assert as_cited(work) == [
        "Clausewitz, Carl von. *On War*. Translated by Michael Howard. 2nd ed. Princeton "
        "University Press, 1984.",
        "Clausewitz, C. v. (1984). *On War* (M. Howard, Trans.; 2nd ed.). Princeton University "
        "Press.",
        "Clausewitz, Carl von. *On War*. Translated by Michael Howard, 2nd ed., Princeton UP, "
        "1984.",
    ]


def test_an_article_is_quoted_in_its_journal_and_a_doi_is_an_address():
    work = source(
        ("Berg, Ann",),
        kind="article",
        whole="War Studies",
        volume="XIV",
        issued_edtf="1990-07",
        doi="doi:10.1000/ab",
        url="https://example.org/",
        title_sentence="On war",
    )
    assert as_cited(work) == [
        "Berg, Ann. “On War.” *War Studies* 14 (July 1990). https://doi.org/10.1000/ab.",
        "Berg, A. (1990, July). On war. *War Studies*, *14*. https://doi.org/10.1000/ab",
        "Berg, Ann. “On War.” *War Studies*, vol. 14, July 1990, https://doi.org/10.1000/ab.",
    ]


def test_a_chapter_is_quoted_in_its_book():
    work = source(
        ("Berg, Ann",),
        ("Lund, Bo", "editor"),
        kind="chapter",
        whole="Wars",
        publisher="Ford Press",
        issued_edtf="1990",
    )
    assert as_cited(work) == [
        "Berg, Ann. “On War.” In *Wars*, edited by Bo Lund. Ford Press, 1990.",
        "Berg, A. (1990). On War. In B. Lund (Ed.), *Wars*. Ford Press.",
        "Berg, Ann. “On War.” *Wars*, edited by Bo Lund, Ford Press, 1990.",
    ]


def test_issue_and_pages_follow_the_volume_of_a_journal():
    work = source(
        ("Berg, Ann",),
        kind="article",
        whole="War Studies",
        volume="14",
        issue="no. 2",
        pages="241-58",
        issued_edtf="1990",
        doi="10.1000/ab",
    )
    assert as_cited(work) == [
        "Berg, Ann. “On War.” *War Studies* 14, no. 2 (1990): 241–58. https://doi.org/10.1000/ab.",
        "Berg, A. (1990). On War. *War Studies*, *14*(2), 241–58. https://doi.org/10.1000/ab",
        "Berg, Ann. “On War.” *War Studies*, vol. 14, no. 2, 1990, pp. 241–58, "
        "https://doi.org/10.1000/ab.",
    ]


def test_a_journal_may_count_its_issues_alone():
    work = source(kind="article", whole="Past Wars", issue="62", pages="47", issued_edtf="1974")
    assert as_cited(work) == [
        "“On War.” *Past Wars*, no. 62 (1974): 47.",
        "On War. (1974). *Past Wars*, (62), 47.",
        "“On War.” *Past Wars*, no. 62, 1974, p. 47.",
    ]


def test_a_newspaper_is_known_by_its_day():
    work = source(
        ("Berg, Ann",), kind="article", whole="Ford Times", pages="3", issued_edtf="1953-07-14"
    )
    assert as_cited(work) == [
        "Berg, Ann. “On War.” *Ford Times*, July 14, 1953.",
        "Berg, A. (1953, July 14). On War. *Ford Times*, 3.",
        "Berg, Ann. “On War.” *Ford Times*, 14 July 1953, p. 3.",
    ]


def test_the_pages_of_a_chapter_are_asked_for_by_apa_and_mla():
    work = source(
        ("Paik, Sun Yup", "author", KOREAN),
        ("Lund, Bo", "editor"),
        kind="chapter",
        whole="Wars",
        edition="2",
        volume="III",
        pages="pp. 5–20",
        publisher="Ford Press",
        issued_edtf="1990",
    )
    assert as_cited(work) == [
        "Paik Sun Yup. “On War.” In *Wars*, vol. 3, edited by Bo Lund. 2nd ed. Ford Press, 1990.",
        "Paik, S. Y. (1990). On War. In B. Lund (Ed.), *Wars* (2nd ed., Vol. 3, pp. 5–20). Ford "
        "Press.",
        "Paik Sun Yup. “On War.” *Wars*, edited by Bo Lund, 2nd ed., vol. 3, Ford Press, 1990, "
        "pp. 5–20.",
    ]


def test_a_web_page_without_a_date_is_cited_with_the_day_it_was_read():
    page = {
        "kind": "web_page",
        "whole": "Ford Museum",
        "publisher": "Ford Museum",
        "url": "https://ford.example/war",
        "accessed": date(2024, 9, 3),
    }
    assert as_cited(source(**page)) == [
        "“On War.” Ford Museum. Accessed September 3, 2024. https://ford.example/war.",
        "*On War*. (n.d.). Ford Museum. Retrieved September 3, 2024, from https://ford.example/war",
        "“On War.” *Ford Museum*, https://ford.example/war. Accessed 3 Sept. 2024.",
    ]
    assert as_cited(source(**page, issued_edtf="2019-05-01")) == [
        "“On War.” Ford Museum. May 1, 2019. https://ford.example/war.",
        "*On War*. (2019, May 1). Ford Museum. https://ford.example/war",
        "“On War.” *Ford Museum*, 1 May 2019, https://ford.example/war. Accessed 3 Sept. 2024.",
    ]


def test_a_doi_needs_no_day_of_access():
    work = source(doi="10.1000/ab", url="https://ford.example/", accessed=date(2024, 9, 3))
    assert not any("2024" in text for text in as_cited(work))


def test_a_series_and_the_number_in_it_are_told_by_chicago_and_mla():
    work = source(whole="Studies of War", issue="7", publisher="Ford Press", issued_edtf="1990")
    assert as_cited(work) == [
        "*On War*. Studies of War 7. Ford Press, 1990.",
        "*On War*. (1990). Ford Press.",
        "*On War*. Ford Press, 1990. Studies of War 7.",
    ]


def test_the_number_of_a_report_stands_beside_its_title():
    work = source(
        ("Survey Office",), kind="report", issue="12", publisher="Ford Press", issued_edtf="1990"
    )
    assert as_cited(work) == [
        "Survey Office. *On War*. No. 12. Ford Press, 1990.",
        "Survey Office. (1990). *On War* (Report No. 12). Ford Press.",
        "Survey Office. *On War*. No. 12, Ford Press, 1990.",
    ]


def test_an_article_by_chinese_authors_keeps_their_order():
    work = source(
        ("Yang, Kuisong", "author", {"family_first": True, "name_original": "杨奎松"}),
        ("Li, Danhui", "author", {"family_first": True, "name_original": "李丹慧"}),
        kind="article",
        title="Zhongguo chubing Chaoxian",
        title_original="中国出兵朝鲜",
        title_translated="China sends troops to Korea",
        language="zh",
        whole="Lishi yanjiu",
        issue="4",
        pages="3–17",
        issued_edtf="2000",
    )
    assert as_cited(work) == [
        "Yang Kuisong 杨奎松 and Li Danhui 李丹慧. “Zhongguo chubing Chaoxian” 中国出兵朝鲜 [China "
        "sends troops to Korea]. *Lishi yanjiu*, no. 4 (2000): 3–17.",
        "Yang, K., & Li, D. (2000). Zhongguo chubing Chaoxian [China sends troops to Korea]. "
        "*Lishi yanjiu*, (4), 3–17.",
        "Yang Kuisong and Li Danhui. “中国出兵朝鲜” [Zhongguo chubing Chaoxian; China sends troops "
        "to Korea]. *Lishi yanjiu*, no. 4, 2000, pp. 3–17.",
    ]


def test_a_draft_of_what_it_stands_in_is_never_named():
    work = source(kind="chapter", whole="Secret")
    work.contained_in.public = False
    assert not any("Secret" in text for text in as_cited(work))


def test_the_place_stands_before_the_publisher_only_before_1900():
    old = source(publisher="Murray", place_published="London", issued_edtf="1815")
    new = source(publisher="Murray", place_published="London", issued_edtf="1990")
    assert as_cited(old)[CHICAGO] == "*On War*. London: Murray, 1815."
    assert as_cited(new)[CHICAGO] == "*On War*. Murray, 1990."


def test_an_archival_item_names_its_box_and_keeper():
    work = source(
        ("Berg, Ann",),
        kind="archival_item",
        title="Report to the general",
        repository="National Archives",
        fonds="RG 319",
        box="Box 7",
        issued_edtf="1953-07-13",
    )
    assert as_cited(work) == [
        "Berg, Ann. Report to the general. July 13, 1953. Box 7, RG 319. National Archives.",
        "Berg, A. (1953, July 13). *Report to the general*. RG 319 (Box 7). National Archives.",
        "Berg, Ann. *Report to the general*. Box 7, RG 319, National Archives, 13 July 1953.",
    ]


def test_a_date_in_words_is_cited_as_it_is_printed():
    work = source(issued_printed="Spring 1990", issued_edtf="1990-21")
    assert as_cited(work) == [
        "*On War*. Spring 1990.",
        "*On War*. (Spring 1990).",
        "*On War*. Spring 1990.",
    ]
