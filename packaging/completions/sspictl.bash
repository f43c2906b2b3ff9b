# bash completion for sspictl. Commands and options come from --help, so that none is forgotten here.

# What stands below "Subcommands:".
_sspictl_commands() {
    "$1" --help 2>/dev/null | sed -n '/^Subcommands:/,$s/^  \([a-z][a-z-]*\).*/\1/p'
}

_sspictl() {
    local cur prev words cword split
    _init_completion -s || return

    case $prev in
    --socket)
        _filedir
        return
        ;;
    --timeout)
        return
        ;;
    esac
    $split && return

    local commands=$(_sspictl_commands "$1") command= word
    for word in "${words[@]:1:cword-1}"; do
        [[ " "${commands//$'\n'/ }" " == *" $word "* ]] && command=$word && break
    done

    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '$(_parse_help "$1") ${command:+$(_parse_help "$1" "$command --help")}' -- "$cur"))
    elif [[ -z $command ]]; then
        COMPREPLY=($(compgen -W '$commands' -- "$cur"))
    else
        _filedir
    fi
} &&
    complete -F _sspictl sspictl
