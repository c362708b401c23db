"""`keycell completion`: what a shell runs to complete commands, options, and paths."""

from enum import StrEnum
from typing import Annotated

import typer

from keycell.cli.completion import VARIABLE
from keycell.cli.output import show
from keycell.cli.showing import Output, shows_here

# Bash takes a colon for the end of a word, and would put a space after a folder. Names are told as
# fish is told them: one a line, help after a tab. Between quotes they are put as they are: what
# would end them, or do something there, is not offered, for it comes from other people.
_BASH = r"""_keycell_completion() {
    local IFS=$'\n' line=${COMP_LINE:0:COMP_POINT} word=${COMP_WORDS[COMP_CWORD]} typed one
    typed=${line//\\ /_} typed=${typed##*[[:space:]]}
    COMPREPLY=()
    while read -r one; do
        one=${one%%$'\t'*}
        [[ -z $one ]] && continue
        [[ $one == */ || $one == *: ]] && compopt -o nospace 2>/dev/null
        if [[ $word == \"* ]]; then
            [[ $one == *[\"\\\$\`!]* ]] && continue
        elif [[ $word == \'* ]]; then
            [[ $one == *\'* ]] && continue
        else
            printf -v one %q "$one"
            [[ $COMP_WORDBREAKS == *:* && $typed == *:* ]] && one=${one#"${typed%:*}:"}
        fi
        COMPREPLY+=("$one")
    done < <(env _TYPER_COMPLETE_ARGS="$line" _TYPER_COMPLETE_FISH_ACTION=get-args \
                 _KEYCELL_COMPLETE=complete_fish "$1" 2>/dev/null)
}

complete -o default -F _keycell_completion keycell"""

# What zsh puts after a word it does not put after a folder.
_ZSH = r"""#compdef keycell
_keycell_completion() {
    local one name
    local -a folders words_told
    while IFS= read -r one; do
        name=${one%%$'\t'*}
        [[ -z $name ]] && continue
        if [[ $name == */ || $name == *: ]]; then
            folders+=("$name")
        elif [[ $one == *$'\t'* ]]; then
            words_told+=("${name//:/\\:}:${one#*$'\t'}")
        else
            words_told+=("${name//:/\\:}")
        fi
    done < <(env _TYPER_COMPLETE_ARGS="${words[1,$CURRENT]}" _TYPER_COMPLETE_FISH_ACTION=get-args \
                 _KEYCELL_COMPLETE=complete_fish keycell 2>/dev/null)
    if (( ! $#folders && ! $#words_told )); then
        _files
        return
    fi
    (( $#folders )) && compadd -S '' -a folders
    (( $#words_told )) && _describe 'keycell' words_told
    return 0
}

compdef _keycell_completion keycell"""

# The program is asked once; where it knows nothing, these are files of this machine.
_FISH = r"""function __keycell_complete
    set -l found (env _TYPER_COMPLETE_ARGS=(commandline -cp | string collect) \
        _TYPER_COMPLETE_FISH_ACTION=get-args _KEYCELL_COMPLETE=complete_fish keycell 2>/dev/null)
    if string length -q -- $found
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end

complete --command keycell --no-files --arguments '(__keycell_complete)'"""

_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


class Shell(StrEnum):
    """The shells that can be told."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


@shows_here
def completion(
    out: Output,
    shell: Annotated[Shell, typer.Argument(help="Whose language to write.")],
) -> None:
    """Print a script that has a shell complete commands, options, and paths on the server.

    keycell completion fish > ~/.config/fish/completions/keycell.fish
    eval "$(keycell completion bash)"
    eval "$(keycell completion zsh)"
    """
    from typer._completion_shared import get_completion_script

    script = _SCRIPTS.get(shell) or get_completion_script(
        prog_name="keycell", complete_var=VARIABLE, shell=shell.value
    )
    show({"shell": shell.value, "script": script}, script.split("\n"), as_json=out.as_json)
