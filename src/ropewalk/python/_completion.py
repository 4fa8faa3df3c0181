"""Answers to shells that want to complete a command line of `usage.Options`.

A shell runs the program with the words typed so far and ``--_shell-completion SHELL:POSITION`` after them; ``POSITION``
is the number of the word at the cursor, where the program is number 0. ``zsh`` gets code for its function
``_arguments``, since its own completion for this kind of program (shipped with it for years) evaluates that; ``bash``
and ``fish`` get the candidates themselves, a line each, with descriptions for ``fish``. ``SHELL:script`` is answered
with what the shell's start-up file needs.
"""

from __future__ import annotations

import os
import sys
from shlex import quote

from ._completers import Completer, CompleteValues, Completions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .usage import Options

__all__ = ["complete"]

SCRIPTS = {
    "bash": """\
_complete_{name}() {{
    local words=("${{COMP_WORDS[@]:1:COMP_CWORD}}" --_shell-completion bash:$COMP_CWORD)
    mapfile -t COMPREPLY < <("${{COMP_WORDS[0]}}" "${{words[@]}}" 2>/dev/null)
    [[ ${{#COMPREPLY[@]}} -eq 1 && ${{COMPREPLY[0]}} == *[=/@] ]] && compopt -o nospace
}}
complete -F _complete_{name} {program}
""",
    "zsh": """\
#compdef {program}
_complete_{name}() {{
    eval "$(_call_program options {program} ${{(q)words[2,CURRENT]}} --_shell-completion zsh:$CURRENT)"
}}
compdef _complete_{name} {program}
""",
    "fish": """\
function __complete_{name}
    set -l words (commandline -opc) (commandline -ct)
    {program} $words[2..] --_shell-completion fish:(math (count $words) - 1) 2>/dev/null
end
complete -c {program} -f -a '(__complete_{name})'
""",
}


def complete(options: Options, request: str, words: list[str]) -> None:
    """Print the answer to a shell.

    Args:
        options: what the program takes.
        request: ``SHELL:POSITION`` or ``SHELL:script``.
        words: what was typed, without the program's name.
    """
    shell, _, position = request.partition(":")
    program = os.path.basename(sys.argv[0])
    if position == "script" and shell in SCRIPTS:
        name = "".join(letter if letter.isalnum() else "_" for letter in program)
        print(SCRIPTS[shell].format(program=quote(program), name=name), end="")
    elif shell == "zsh":
        print(f"#compdef {program}\n")
        print(zsh(options, words), end="")
    else:
        begun = words.pop() if words else ""
        if shell == "bash":
            words, begun = _unbroken(words, begun)
        for word, description in candidates(options, words, begun):
            print(f"{word}\t{description}" if shell == "fish" and description else word)


def _unbroken(words: list[str], begun: str) -> tuple[list[str], str]:
    """Undo that bash takes the sign of ``--option=value`` for a word of its own."""
    if begun == "=":
        begun = ""
    return [word for word in words if word != "="], begun


class Known:
    """What is to be known of one option."""

    def __init__(self, options: Options, data: Completions, form: str) -> None:
        self.name = form.rstrip("=")
        self.takesValue = form.endswith("=")
        self.shorts = sorted(
            short for short, long in options.synonyms.items() if long == self.name != short and len(short) == 1
        )
        doc = data.descriptions.get(self.name) or options.docs.get(self.name) or self.name
        self.description = " ".join(doc.split())
        self.repeats = self.name in data.multiUse
        self.completer: Completer = data.optActions.get(self.name) or CompleteValues()
        self.others = {other for group in data.mutuallyExclusive if self.name in group for other in group} - {self.name}

    @property
    def forms(self) -> list[str]:
        """How it may be typed, without a value."""
        return [*(f"-{short}" for short in self.shorts), f"--{self.name}"]


def knowledge(options: Options) -> tuple[Completions, list[Known]]:
    """Return what the classes of the options say to shells, and what is known of each option, by name."""
    joined = Completions()
    for cls in reversed(type(options).__mro__):
        data = cls.__dict__.get("compData")
        if isinstance(data, Completions):
            joined.descriptions.update(data.descriptions)
            joined.optActions.update(data.optActions)
            joined.multiUse += data.multiUse
            joined.mutuallyExclusive += data.mutuallyExclusive
            joined.extraActions = data.extraActions or joined.extraActions
    return joined, sorted((Known(options, joined, form) for form in options.longOpt), key=lambda known: known.name)


# bash and fish: the candidates


def candidates(options: Options, words: list[str], begun: str) -> list[tuple[str, str]]:
    """Return what the word at the cursor may become, and what each is.

    Args:
        options: what the program takes.
        words: those before the cursor.
        begun: how the word at the cursor begins.
    """
    data, known = knowledge(options)
    byForm = {form: each for each in known for form in each.forms}
    rest = words[::-1]
    arguments = 0
    used = set()
    while rest:
        word = rest.pop()
        if not word.startswith("-") or word == "-":
            sub = _subOptions(options, word)
            if sub is not None:
                return candidates(sub, rest[::-1], begun)
            arguments += 1
            continue
        option = byForm.get(word.partition("=")[0]) or byForm.get(word[:2])
        if option is None:
            continue
        used.add(option.name)
        if option.takesValue and word in option.forms:
            if not rest:
                return [(value, option.description) for value in option.completer.candidates(begun)]
            rest.pop()
    name, equals, value = begun.partition("=")
    if equals and name in byForm:
        return [(f"{name}={each}", "") for each in byForm[name].completer.candidates(value)]
    if begun.startswith("-"):
        open = [each for each in known if not each.others & used and (each.repeats or each.name not in used)]
        return [
            (form + ("=" if each.takesValue and form.startswith("--") else ""), each.description)
            for each in open
            for form in each.forms
            if form.startswith(begun)
        ]
    commands = options._subCommands()
    if commands and not arguments:
        return sorted((name, doc or "") for name, _, _, doc in commands if name.startswith(begun))
    completer = _argumentCompleter(data, arguments)
    return [] if completer is None else [(word, "") for word in completer.candidates(begun)]


def _subOptions(options: Options, word: str) -> Options | None:
    for name, short, parser, _ in options._subCommands():
        if word in (name, short):
            return parser()
    return None


def _argumentCompleter(data: Completions, number: int) -> Completer | None:
    """The completer of an argument: its own, or a last one that repeats; files if the program doesn't say."""
    actions = data.extraActions
    if not actions:
        return CompleteValues()
    if number < len(actions):
        return actions[number]
    return actions[-1] if actions[-1]._repeat else None


# zsh: code


def zsh(options: Options, words: list[str]) -> str:
    """Return code that tells ``_arguments`` about the options, and those of the subcommand that was typed."""
    data, known = knowledge(options)
    byName = {each.name: each for each in known}
    lines = []
    commands = options._subCommands()
    if commands:
        lines.append(quote("*::subcmd:->subcmd"))
    for completer in data.extraActions:
        star = "*" if completer._repeat else ""
        wanted = completer.wanted("").replace(":", "\\:")
        lines.append(quote(f"{star}:{wanted}:{completer.zshAction('')}"))
    for each in known:
        excluded = [form for other in each.others if other in byName for form in byName[other].forms]
        for form in each.forms:
            own = [] if each.repeats else [other for other in each.forms if other != form]
            no = f"({' '.join(sorted({*excluded, *own}))})" if excluded or own else ""
            text = each.description.replace("[", "\\[").replace("]", "\\]")
            spec = f"{no}{'*' if each.repeats else ''}{form}"
            if each.takesValue:
                spec += "=" if form.startswith("--") else ""
                wanted = each.completer.wanted(each.name).replace(":", "\\:")
                spec += f"[{text}]:{wanted}:{each.completer.zshAction(each.name)}"
            else:
                spec += f"[{text}]"
            lines.append(quote(spec))
    code = '_arguments -s -A "-*" \\\n' + "".join(f"{line} \\\n" for line in lines) + "&& return 0\n"
    if not commands:
        return code
    for at, word in enumerate(words[:-1]):
        sub = _subOptions(options, word)
        if sub is not None:
            return code + zsh(sub, words[at + 1 :])
    described = "".join(
        quote(f"{name}:{' '.join((doc or name).split())}".replace("[", "\\[")) + "\n" for name, _, _, doc in commands
    )
    array = f"local _zsh_subcmds_array\n_zsh_subcmds_array=(\n{described})\n\n"
    return f'{code}{array}_describe "sub-command" _zsh_subcmds_array\n'
