@rem awsenv for cmd.exe. `awsenv init cmd` prints a few assignments and then this file, without its comments:
@rem
@rem     awsenv init cmd > "%LOCALAPPDATA%\awsenv.cmd"
@rem
@rem That file is run once per console: by a shortcut to `cmd /k "%LOCALAPPDATA%\awsenv.cmd"`, or by the value
@rem AutoRun of HKCU\Software\Microsoft\Command Processor. It sets doskey macros, which then run it with the words that
@rem were typed. Scripts can do that, too, with `call`; they are never asked for a code.
@rem
@rem What holds everywhere below:
@rem - `@` on each line: `echo off` would be left off in a batch file that calls this one.
@rem - No value goes through a line of batch: the binary prints NAME=VALUE, `for /f` reads it, and what `set` finds
@rem   there was put in after the parser had done its work. No value touches the disk.
@rem - Programs by their full path: cmd would look into the current folder first, which may be a stranger's.
@rem - cmd has exported variables only; ours begin with __awsenv_.

@rem `for /f` starts a second cmd, which runs AutoRun, and so this file: without end if this line were not here.
@if defined __awsenv_inner exit /b 0

@if "%~1"=="" if not defined __awsenv_typed goto load
@if /i "%~1"=="use" goto use
@if /i "%~1"=="leave" if "%~2"=="" goto leave
@if /i "%~1"=="off" if "%~2"=="" goto off

@rem ---- Any other command: the binary's. Afterwards the prompt, which `refresh` may have made wrong.
@rem `doctor` and `setup` are told that the hook is there.
@set "AWSENV_HOOK=cmd"
@"%__awsenv_bin%" %*
@set "__awsenv_status=%errorlevel%"
@set "AWSENV_HOOK="
@call :ask hook cmd %__awsenv_protocol%
@set "__awsenv_code=%__awsenv_status%"
@set "__awsenv_status="
@goto done

@rem ---- The macros, once. ------------------------------------------------------------------------------------------
:load
@rem A cmd that a program has started for one command (`cmd /c`) runs AutoRun as well, and nobody types there.
@setlocal EnableDelayedExpansion
@if defined CMDCMDLINE if not "!CMDCMDLINE:/c=!"=="!CMDCMDLINE!" exit /b 0
@endlocal
@set "__awsenv_typed="
@rem In a macro $ begins a code. A macro works for typed lines only: it is what tells that a line is one.
@set "__awsenv_self=%~f0"
@"%SystemRoot%\System32\doskey.exe" awsenv=set "__awsenv_typed=1"$T"%__awsenv_self:$=$$%" $*
@rem The binary asks and then runs the command itself: whatever `| more` or `& echo` follows stays where it is.
@if "%__awsenv_want_guard%"=="1" for %%c in (%__awsenv_commands%) do @"%SystemRoot%\System32\doskey.exe" %%c="%__awsenv_bin:$=$$%" guard cmd %__awsenv_protocol% 0 0 -- %%c $*
@rem `init --use dev`: where nothing else has chosen a profile.
@set "__awsenv_word_1=%__awsenv_want_profile%"
@for %%v in (AWS_PROFILE AWS_DEFAULT_PROFILE AWS_ACCESS_KEY_ID) do @if defined %%v set "__awsenv_word_1="
@if defined __awsenv_word_1 call :ask switch cmd %__awsenv_protocol% 0 . . --
@set "__awsenv_word_1="
@if "%__awsenv_want_prompt%"=="1" call :ask hook cmd %__awsenv_protocol%
@exit /b 0

@rem ---- use --------------------------------------------------------------------------------------------------------
:use
@call :piped
@if defined __awsenv_code goto done
@rem Each word in a variable: the cmd of `for /f` would read them again, and its `&` and `%` mean something there.
@set "__awsenv_word_1=%~2"
@set "__awsenv_word_2=%~3"
@set "__awsenv_word_3=%~4"
@set "__awsenv_word_4=%~5"
@set "__awsenv_word_5=%~6"
@set "__awsenv_word_6=%~7"
@set "__awsenv_word_7=%~8"
@if defined __awsenv_typed (call :ask switch cmd %__awsenv_protocol% 1 . . --) else call :ask switch cmd %__awsenv_protocol% 0 . . --
@for %%n in (1 2 3 4 5 6 7) do @set "__awsenv_word_%%n="
@goto done

@rem ---- leave ------------------------------------------------------------------------------------------------------
:leave
@call :piped
@if defined __awsenv_code goto done
@call :ask leave cmd %__awsenv_protocol%
@goto done

@rem ---- off: macros, prompt and our variables go, also without the binary. What `use` set stays, but for
@rem the end of the session, which nobody would keep right. -----------------------------------------------------------
:off
@setlocal EnableDelayedExpansion
@set "__awsenv_code="
@if defined AWSENV_NAMES if not "!AWSENV_NAMES: AWS_SESSION_EXPIRATION:=!"=="!AWSENV_NAMES!" set "__awsenv_code=1"
@endlocal & set "__awsenv_code=%__awsenv_code%"
@if defined __awsenv_code set "AWS_SESSION_EXPIRATION="
@for %%c in (awsenv %__awsenv_commands%) do @"%SystemRoot%\System32\doskey.exe" %%c=
@if defined __awsenv_prompt_base set "PROMPT=%__awsenv_prompt_base%"
@set "AWSENV_PROMPT="
@set "__awsenv_inner=1"
@for /f "delims==" %%v in ('set __awsenv_') do @set "%%v="
@exit /b 0

@rem ---- Each side of a pipe is a cmd of its own, and what changes there is lost. ------------------------------------
:piped
@set "__awsenv_code="
@if not defined __awsenv_typed exit /b 0
@setlocal EnableDelayedExpansion
@if defined CMDCMDLINE if not "!CMDCMDLINE:/S /D /c=!"=="!CMDCMDLINE!" endlocal & set "__awsenv_code=1" & echo awsenv: this has no effect in a pipe: type it as a command of its own 1>&2
@exit /b 0

@rem ---- Runs the binary and does what it prints: lines `awsenv>NAME=VALUE`, the last of them with its exit code. -----
:ask
@set "__awsenv_code="
@set "__awsenv_delayed="
@rem In a cmd that was started with /v:on the binary has to escape exclamation marks.
@if "!!"=="" set "__awsenv_delayed=1"
@set "__awsenv_inner=1"
@rem The outer quotes are for `cmd /c`, which takes the first and the last one away.
@if exist "%__awsenv_bin%" for /f "usebackq tokens=1* delims=>" %%u in (`""%%__awsenv_bin%%" %*"`) do @if "%%u"=="awsenv" set "%%v"
@set "__awsenv_inner="
@if not exist "%__awsenv_bin%" if defined __awsenv_typed echo awsenv: "%__awsenv_bin%" is gone: install it again, then awsenv off 1>&2
@exit /b 0

@rem ---- The end, with the exit code. -------------------------------------------------------------------------------
:done
@set "__awsenv_typed="
@if not defined __awsenv_code set "__awsenv_code=1"
@if "%__awsenv_code%"=="0" set "__awsenv_code=" & exit /b 0
@rem `exit /b 1` in a batch file that was not called with `call` is no failure to `&&`; that of its last command is.
@(set "__awsenv_code=" & "%SystemRoot%\System32\cmd.exe" /d /c exit %__awsenv_code%)
