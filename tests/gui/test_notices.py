from __future__ import annotations

from gui.models.notices import Choice, Notice, NoticeLevel, Notices


def question(topic: str, *choices: Choice) -> Notice:
    return Notice(topic=topic, level=NoticeLevel.QUESTION, text=f"{topic}?", choices=choices)


def test_a_question_stands_before_what_is_merely_told() -> None:
    notices = Notices()
    notices.post(question("launch"))
    notices.error("file", "not there")
    assert notices.front is not None
    assert notices.front.topic == "launch"
    assert notices.waiting == 1


def test_a_topic_is_told_once_and_latest_wins() -> None:
    notices = Notices()
    notices.info("file", "one")
    notices.info("file", "two")
    assert notices.front is not None
    assert (notices.front.text, notices.waiting) == ("two", 0)


def test_an_answer_takes_the_question_away_before_it_runs() -> None:
    notices = Notices()
    seen: list[Notice | None] = []
    choice = Choice(title="Yes", run=lambda: seen.append(notices.front))
    notices.post(question("launch", choice))
    assert notices.front is not None
    notices.choose(notices.front, choice)
    assert seen == [None]
