"""The wording of one event's changes: a translator, the members' names, and the reader."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from howmuch.mail.phrases import Phrase, joined, lines_text, name_text, user_text
from howmuch.mail.translator import Translator

# Longest name and longest other text of users, in characters: in the body, and in a subject.
BODY_LENGTHS = (200, 300)
SUBJECT_LENGTHS = (40, 60)

_LABEL = (Markup('<span class="quiet" style="color:#5a6461">'), Markup("</span>"))
_STRUCK = (Markup("<del>"), Markup("</del>"))


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that a change gave another value.

    path: of the field in the API. label: its name. old, new: empty means no value. said: replaces `old → new`
    in mails; None means that it does not. member_id: whose payment or share it is; empty for other fields.
    """

    path: str
    label: Phrase
    old: Phrase
    new: Phrase
    said: Phrase | None = None
    member_id: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """reader_id: empty means that the text is for all members, each by their name.

    name_length, text_length: longest name and longest other text, in characters. most_parts: how many shares
    or items that changed are listed, each on its own.
    """

    translator: Translator
    names: Mapping[str, str]
    reader_id: str
    name_length: int = BODY_LENGTHS[0]
    text_length: int = BODY_LENGTHS[1]
    most_parts: int = 6

    def name(self, member_id: str, otherwise: str = "") -> Phrase:
        """A member's name inside a sentence, even the reader's. otherwise: the name of an unknown member."""
        name = self.names.get(member_id) or otherwise
        return name_text(name, self.name_length) if name else self.translator.say("somebody")

    def subject(self, member_id: str, otherwise: str = "") -> Phrase:
        """A member's name at the beginning of a sentence."""
        name = self.names.get(member_id) or otherwise
        return name_text(name, self.name_length) if name else self.translator.say("Somebody")

    def person(self, member_id: str) -> Phrase:
        """A member's name, or "you", in a list or after a preposition."""
        return self.translator.say("you") if member_id == self.reader_id else self.name(member_id)

    def text(self, text: str) -> Phrase:
        return user_text(text, self.text_length)

    def new_name(self, name: str) -> Phrase:
        """A name, of a person or an event, as a text of its own."""
        return name_text(name, self.text_length)

    def quoted(self, text: str) -> Phrase:
        return self.translator.say("“{text}”", text=self.text(text))

    def quoted_lines(self, text: str) -> Phrase:
        """A text with its line breaks."""
        return self.translator.say("“{text}”", text=lines_text(text, self.text_length))

    def row(self, label: str, value: Phrase) -> Phrase:
        """A line of details. label: a message."""
        return self._labelled(self.translator.say(label), value)

    def _labelled(self, label: Phrase, value: Phrase) -> Phrase:
        said = self.translator.say("{label}:", label=label)
        return joined(" ", [Phrase(said.text, _LABEL[0] + said.html + _LABEL[1]), value])

    def turned(self, old: Phrase, new: Phrase) -> Phrase:
        """The old and the new value; only the new one if both read the same."""
        if old.text == new.text:
            return new
        struck = Phrase(old.text, _STRUCK[0] + old.html + _STRUCK[1])
        return self.translator.say("{old} → {new}", old=struck, new=new)

    def difference(
        self, path: str, label: str, old: Phrase, new: Phrase, said: Phrase | None = None
    ) -> list[Difference]:
        """The difference of two values. label: a message. Empty means that they read the same."""
        if old.text == new.text:
            return []
        return [Difference(path, self.translator.say(label), old, new, said)]

    def replaced(self, path: str, label: str, old: Phrase, new: Phrase) -> Difference:
        """The difference of two values that may read the same, such as two that give only a number."""
        same = old.text == new.text
        said = self.translator.say("{new} (changed)", new=new) if same else None
        return Difference(path, self.translator.say(label), old, new, said)

    def rows(self, differences: list[Difference]) -> list[Phrase]:
        """A line of details for each difference."""
        return [
            self._labelled(each.label, each.said or self.turned(each.old, each.new))
            for each in differences
        ]
