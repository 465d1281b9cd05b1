"""The page of error reasons, collected from the code: each call that makes an error names its reason."""

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from google.rpc import code_pb2

from howmuch.gateway.status import HTTP_STATUS
from howmuch.rpc.status import CODES

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "howmuch"
GATEWAY = SOURCE / "gateway"
# Files that define the errors; their calls pass on the reasons of other calls.
_DEFINITIONS = {SOURCE / "errors.py", SOURCE / "rpc" / "status.py", GATEWAY / "status.py"}

_TEXTS = ("message", "description", "what", "rule")
"""Parameters that hold the sentence, by the functions that make errors."""

_CLASS_PARAMETERS = {
    "NotFound": ("resource_type", "resource_name", "message"),
    "FieldViolation": ("field", "description", "reason"),
}
_OTHER_CLASSES = ("reason", "message")

_CODE_OF_CLASS = {kind.__name__: code.name for kind, code in CODES.items()}

_HEAD = """\
# Error reasons

Each error that howmuch answers with has a *reason*: a stable word for programs, in
`google.rpc.ErrorInfo.reason`, and for a field in `google.rpc.BadRequest.FieldViolation.reason`. The
sentences are for people and may change. This page is made from the code that raises them; ‹name› stands for
a value.

"""

_DOMAIN_HEAD = """
## Of the service

The domain of these is `howmuch`. They reach callers of gRPC and of REST alike.

"""

_GATEWAY_HEAD = """
## Of the gateway

The domain of these is `gateway`: REST refuses such a request before the service hears of it, and callers of
gRPC never see them.

"""

_INTERNAL = (
    "A fault of ours, logged with the request id that the answer names; says nothing of the inside."
)


@dataclass(frozen=True)
class Raised:
    """One place that raises. http: the status over REST. where: file and function."""

    reason: str
    code: str
    http: int
    text: str
    where: str


class Unclear(Exception):
    """A call whose reason cannot be read off the code."""


def errors_page() -> str:
    """The page, in Markdown."""
    found = list(raised(sorted(SOURCE.rglob("*.py"))))
    of_gateway = [each for each in found if each.where.startswith("howmuch/gateway/")]
    of_service = [each for each in found if each not in of_gateway]
    of_service.append(
        Raised("INTERNAL", "INTERNAL", _http("INTERNAL"), _INTERNAL, "howmuch/rpc/status.py")
    )
    return "".join(
        [_HEAD, _DOMAIN_HEAD, *_entries(of_service), _GATEWAY_HEAD, *_entries(of_gateway)]
    )


def _entries(found: Iterable[Raised]) -> Iterator[str]:
    by_reason: dict[str, list[Raised]] = defaultdict(list)
    for each in found:
        by_reason[each.reason].append(each)
    yield "| Reason | Code | Meaning, and where it is raised |\n|---|---|---|\n"
    for reason, places in sorted(by_reason.items()):
        codes = [f"`{each.code}`<br>HTTP {each.http}" for each in places]
        texts = [each.text.replace("|", "\\|").replace("<", "&lt;") for each in places]
        wheres = [f"<small>{each.where}</small>" for each in places]
        cells = (f"`{reason}`", _lines(codes), _lines([*texts, *wheres]))
        yield f"| {' | '.join(cells)} |\n"


def _lines(cell: Iterable[str]) -> str:
    return "<br>".join(dict.fromkeys(cell))


def raised(files: Iterable[Path]) -> Iterator[Raised]:
    """Each call in these files that makes an error. Raises Unclear."""
    trees = {path: ast.parse(path.read_text()) for path in files}
    of_service = _makers(ast.parse((SOURCE / "errors.py").read_text()))
    of_service |= {name: _OTHER_CLASSES for name in _CODE_OF_CLASS if name != "InvalidArgument"}
    of_service |= _CLASS_PARAMETERS
    of_gateway = _makers(ast.parse((GATEWAY / "status.py").read_text()))
    for path, tree in trees.items():
        if path not in _DEFINITIONS:
            known = of_gateway if path.is_relative_to(GATEWAY) else of_service
            yield from _Calls(path, known | _makers(tree), trees.values()).of(tree)


def _makers(tree: ast.Module) -> dict[str, Sequence[str]]:
    """The functions of a file that take a reason and a sentence: name and parameters."""
    found: dict[str, Sequence[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("__"):
            names = [argument.arg for argument in node.args.args if argument.arg != "self"]
            if "reason" in names and any(text in names for text in _TEXTS):
                found[node.name] = names
    return found


class _Calls:
    """The calls in one file. trees: all files, for what functions are called with."""

    def __init__(
        self, path: Path, makers: Mapping[str, Sequence[str]], trees: Collection[ast.Module]
    ) -> None:
        self._trees = trees
        self._name = path.relative_to(ROOT).as_posix()
        self._makers = makers
        self._functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = []

    def of(self, node: ast.AST) -> Iterator[Raised]:
        """Those in a node. Raises Unclear."""
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if inside:
            self._functions.append(node)  # type: ignore[arg-type]  # mypy forgets what `inside` is.
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            if name in self._makers:
                yield from self._made(node, name)
            elif name == "Malformed":
                yield self._malformed(node)
        for child in ast.iter_child_nodes(node):
            yield from self.of(child)
        if inside:
            self._functions.pop()

    def _malformed(self, call: ast.Call) -> Raised:
        """An error of the gateway's connections: HTTP status, reason phrase, reason, sentence."""
        http, _, reason, text = (ast.literal_eval(argument) for argument in call.args)
        return Raised(reason, "INVALID_ARGUMENT", http, text, f"{self._name}: {self._at}")

    @property
    def _at(self) -> str:
        """The function that the walk is in."""
        return self._functions[-1].name if self._functions else "connections"

    def _made(self, call: ast.Call, name: str) -> Iterator[Raised]:
        given = dict(zip(self._makers[name], call.args, strict=False))
        if any(isinstance(argument, ast.Starred) for argument in call.args):
            return  # The tuple is found where it is written.
        given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
        if "reason" not in given and name != "NotFound":
            raise Unclear(f"{self._name}:{call.lineno}: {ast.unparse(call)} names no reason")
        if name == "NotFound":
            kind = self._constant(given["resource_type"])
            reasons = [f"{kind.upper()}_NOT_FOUND"]
            text = (
                self._text(given.get("message")) or f"There is no {kind} ‹name› that you can see."
            )
        elif self._is_parameter(given["reason"]):
            return  # It is given by the callers of this function, which are looked at themselves.
        else:
            reasons = list(self._reasons(given["reason"]))
            text = self._text(next(given[each] for each in _TEXTS if each in given))
        code = _CODE_OF_CLASS.get(name) or _code_in(given) or "INVALID_ARGUMENT"
        http = _status_in(given) or _http(code)
        if re.fullmatch("‹[^‹]+›", text):
            text = f"{reasons[0].replace('_', ' ').capitalize()}: {text}"
        elif text[:1].islower():
            text = f"… {text}"  # The called function adds a prefix.
        for reason in reasons:
            yield Raised(reason, code, http, text, f"{self._name}: {self._at}")

    def _is_parameter(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self":
            return True
        return isinstance(node, ast.Name) and any(
            node.id == argument.arg
            for function in self._functions
            for argument in function.args.args
        )

    def _reasons(self, node: ast.expr) -> Iterator[str]:
        """The constant; of f"{what.upper()}_GONE", one for each `what` that its function is called with."""
        match node:
            case ast.JoinedStr(
                values=[
                    ast.FormattedValue(
                        value=ast.Call(func=ast.Attribute(ast.Name(id=what), "upper"))
                    ),
                    ast.Constant(value=str(ending)),
                ]
            ):
                function = self._functions[-1]
                at = [argument.arg for argument in function.args.args].index(what)
                for call in self._calls_of(function.name):
                    yield self._constant(call.args[at]).upper() + ending
            case _:
                yield self._constant(node)

    def _calls_of(self, name: str) -> Iterator[ast.Call]:
        for tree in self._trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(name):
                    yield node

    def _constant(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        raise Unclear(f"{self._name}:{node.lineno}: {ast.unparse(node)} is no constant")

    def _text(self, node: ast.expr | None) -> str:
        """A sentence, with ‹name› for inserted values. For a name, the sentence last assigned to it."""
        match node:
            case ast.Constant(value=str(value)):
                return value
            case ast.JoinedStr():
                return "".join(map(self._text, node.values))
            case ast.FormattedValue(value=value):
                return f"‹{_short_name(value)}›"
            case ast.BinOp():
                return self._text(node.left) + self._text(node.right)
            case ast.IfExp():
                return f"{self._text(node.body)} / {self._text(node.orelse)}"
            case ast.Name():
                return self._assigned(node) or f"‹{node.id}›"
            case None:
                return ""
            case _:
                return f"‹{_short_name(node)}›"

    def _assigned(self, name: ast.Name) -> str:
        before = [
            statement.value
            for statement in ast.walk(self._functions[-1])
            if isinstance(statement, ast.Assign)
            and isinstance(statement.targets[0], ast.Name)
            and statement.targets[0].id == name.id
            and statement.lineno < name.lineno
            # Something that is made of itself says nothing of the sentence.
            and name.id not in {n.id for n in ast.walk(statement.value) if isinstance(n, ast.Name)}
        ]
        return self._text(max(before, key=lambda value: value.lineno)) if before else ""


def _short_name(node: ast.expr) -> str:
    """A short name for a value: the last name in it."""
    if isinstance(node, ast.Call) and node.args:
        return _short_name(node.args[0])
    names = [n for n in ast.walk(node) if isinstance(n, ast.Name | ast.Attribute)]
    if not names:
        return "…"
    first = names[0]
    return (first.attr if isinstance(first, ast.Attribute) else first.id).strip("_").lower()


def _code_in(given: Mapping[str, ast.expr]) -> str:
    code = given.get("code")
    return code.attr if isinstance(code, ast.Attribute) else ""


def _status_in(given: Mapping[str, ast.expr]) -> int:
    """The HTTP status that a call names; 0 for none."""
    for name in ("http_status", "status"):
        node = given.get(name)
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return node.value
    return 0


def _http(code: str) -> int:
    """The status over REST of a gRPC code."""
    return HTTP_STATUS[code_pb2.Code.Value(code)]
