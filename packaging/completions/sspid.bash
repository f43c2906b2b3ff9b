# bash completion for sspid. The options come from --help, so that none is forgotten here.
_sspid() {
    local cur prev words cword split
    _init_completion -s || return

    case $prev in
    --socket | --config)
        _filedir
        return
        ;;
    --log-level)
        COMPREPLY=($(compgen -W 'trace debug info warn error critical off' -- "$cur"))
        return
        ;;
    --*-seconds)
        return
        ;;
    esac
    $split && return

    COMPREPLY=($(compgen -W '$(_parse_help "$1")' -- "$cur"))
} &&
    complete -F _sspid sspid
