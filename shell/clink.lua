-- awsenv for Clink 1.2.31 and later. `awsenv init clink` prints a few assignments and then this file, without its comments.
-- In %LOCALAPPDATA%\clink\awsenv.lua:
--
--     load(io.popen('awsenv init clink'):read('*a'))()
--
-- At an unchanged prompt nothing is started: the binary has said which files to watch and from when on a change of theirs
-- is news. Lua has no function for a file's time, but os.globfiles(path, 2) of Clink tells it, in whole seconds and from
-- the folder's entry; no such name has a `*` or `?` in it, which Windows does not allow. So there is no stamp to read: the
-- binary's answer holds its line.
--
-- io.popen runs `cmd /c`, which reads its line again and runs the user's AutoRun. So no word of a person's is on that line
-- (the binary finds them in variables), the path of the binary is not (cmd puts it in from a variable), and the hook for
-- cmd, if AutoRun loads it, sees __awsenv_inner and does nothing.
--
-- Names that begin with __awsenv_ are ours. What `use` remembers is lost when Clink loads its scripts anew; `leave` then
-- unsets what AWSENV_NAMES still fits, as in a shell that inherited it.

if (clink.version_encoded or 0) < 10020031 then
    print("awsenv: this needs Clink 1.2.31 or later; meanwhile: awsenv exec PROFILE -- COMMAND")
    return
end
-- Loaded twice: the assignments above are read below when they are needed, the rest is there.
__awsenv_loads = (__awsenv_loads or 0) + 1
if __awsenv_loaded then
    return
end
__awsenv_loaded = true

-- ---- State ---------------------------------------------------------------------------------------------------------

-- What the binary has said last, and what follows from it.
local answer, key, retry = {}, nil, nil
local expiry, state, margin, published, label = 0, "none", 0, "-", ""
local text, segment = "", ""
-- What `use` has changed: { name, was, now }, where nil is "unset".
local kept, previous, switched = {}, nil, nil
-- AWS_SESSION_EXPIRATION where the prompt has set it and not `use`: { was }.
local own_end
-- What one line was given, until the next prompt: name to { was, now }.
local lent = {}
-- Typed lines, counted; whether the last one was typed; the session whose end was told.
local lines, typed, told = tonumber(__awsenv_seed) or 0, false, nil
local off = false

local STATES = {
    valid = true, expiring = true, refreshable = true, expired = true, missing = true, permanent = true, unknown = true,
    none = true,
}
-- The hook keeps these up to date: given back whatever they hold.
local OURS = { AWSENV_PROFILE = true, AWSENV_PROMPT = true, AWSENV_NAMES = true, AWS_SESSION_EXPIRATION = true }

local function say(message)
    io.stderr:write("awsenv: " .. message .. "\n")
end

local function get(name)
    return os.getenv(name)
end

-- ---- The binary ----------------------------------------------------------------------------------------------------

-- Runs it with these words of ours, and variables for it alone; what it prints as Lua, as a table. Nil: it is not there.
local function ask(words, variables)
    local file = io.open(__awsenv_bin, "rb")
    if not file then
        return nil
    end
    file:close()
    variables = variables or {}
    variables.__awsenv_inner = "1"
    variables.__awsenv_path = __awsenv_bin
    for name, value in pairs(variables) do
        os.setenv(name, value)
    end
    -- The outer quotes are for `cmd /c`, which takes the first and the last one away.
    local pipe = io.popen('""%__awsenv_path%" ' .. words .. '"', "r")
    local printed = pipe and pipe:read("*a") or ""
    if pipe then
        pipe:close()
    end
    for name in pairs(variables) do
        os.setenv(name, nil)
    end
    -- The user's AutoRun may have printed something, too. Ours are assignments, and can only be to this table.
    local found, ours = {}, {}
    for line in printed:gmatch("[^\r\n]+") do
        if line:match("^__awsenv_%l[%w_]* = ") then
            ours[#ours + 1] = line
        end
    end
    local chunk = load(table.concat(ours, "\n"), "=awsenv", "t", found)
    if chunk then
        pcall(chunk)
    end
    return found, printed
end

-- ---- At each prompt ------------------------------------------------------------------------------------------------

-- Everything in the environment that decides which profile is in force, and how it looks.
local function current_key()
    local values = {}
    for _, name in ipairs({
        "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE",
        "AWSENV_PROFILE", "AWSENV_CONFIG", "AWSENV_STATE_DIR", "USERPROFILE", "NO_COLOR",
    }) do
        values[#values + 1] = get(name) or "\0"
    end
    return table.concat(values, "\1")
end

-- When a file was changed, in seconds since 1970; nil where there is none.
local function changed_at(path)
    local found = os.globfiles(path, 2)
    return found and found[1] and found[1].mtime
end

local function is_unchanged()
    local since = tonumber(answer.__awsenv_since)
    if not since then
        return false
    end
    for _, path in ipairs(answer.__awsenv_watch or {}) do
        local time = changed_at(path)
        if not time or time > since then
            return false
        end
    end
    for _, path in ipairs(answer.__awsenv_absent or {}) do
        if changed_at(path) then
            return false
        end
    end
    return true
end

-- A whole number as the binary prints it.
local function number(word)
    return word and #word <= 11 and (word == "0" or word:match("^[1-9]%d*$")) and tonumber(word)
end

-- `1 EXPIRY STATE MARGIN RFC3339 LABEL`; a line that is anything else is no session.
local function take_line(line)
    expiry, state, margin, published, label = 0, "none", 0, "-", ""
    local e, s, m, p, l = (line or ""):match("^1 (%d+) (%l+) (%d+) ([%w:.-]+) ([^%z\1-\8\10-\31\127]*)$")
    if number(e) and number(m) and STATES[s] then
        expiry, state, margin, published, label = number(e), s, number(m), p, l
    end
end

local function span(seconds)
    local minutes = math.floor(seconds / 60)
    if minutes >= 60 then
        return string.format("%dh%02dm", math.floor(minutes / 60), minutes % 60)
    end
    return minutes >= 1 and minutes .. "m" or "<1m"
end

-- The label with the time left in the place of its TAB, and its colour.
local function render(now)
    local left, colour = "", nil
    if expiry > now then
        left, colour = span(expiry - now), (expiry - now < 900 or state == "expiring") and 33 or 32
    elseif expiry > 0 or state == "expired" then
        left, colour = "expired", 31
    elseif state == "missing" then
        left, colour = "no session", 31
    end
    local before, behind = label:match("^(.-)\t(.*)$")
    if before then
        text = (left == "" and before:gsub(" $", "") or before) .. left .. behind
    else
        text = label
    end
    segment = ""
    if text ~= "" then
        segment = text .. " "
        if colour and (get("NO_COLOR") or "") == "" then
            segment = "\27[" .. colour .. "m" .. text .. "\27[0m "
        end
    end
end

-- The variables that other programs read.
local function publish()
    if get("AWSENV_PROMPT") ~= (text ~= "" and text or nil) then
        os.setenv("AWSENV_PROMPT", text ~= "" and text or nil)
    end
    local names, listed = get("AWSENV_NAMES") or "", false
    listed = (names .. " "):find(" AWS_SESSION_EXPIRATION:", 1, true)
    if published == "-" then
        if own_end then
            os.setenv("AWS_SESSION_EXPIRATION", own_end.was)
            names = names:gsub(" AWS_SESSION_EXPIRATION:%*", "")
            os.setenv("AWSENV_NAMES", names ~= "1 -" and names or nil)
            own_end = nil
        elseif listed then
            os.setenv("AWS_SESSION_EXPIRATION", nil)
        end
    elseif get("AWS_SESSION_EXPIRATION") ~= published then
        if not listed then
            own_end = { was = get("AWS_SESSION_EXPIRATION") }
            os.setenv("AWSENV_NAMES", (names ~= "" and names or "1 -") .. " AWS_SESSION_EXPIRATION:*")
        end
        os.setenv("AWS_SESSION_EXPIRATION", published)
    end
end

-- One start of the binary where something has changed, or a minute after it failed; else arithmetic.
local function update()
    local now, key_now = os.time(), current_key()
    local due = retry and (now >= retry or retry - now > 60)
    if key_now ~= key or due or (not retry and not is_unchanged()) then
        key, retry = key_now, nil
        answer = ask("hook clink " .. __awsenv_protocol .. " 2>nul") or {}
        if not answer.__awsenv_line then
            retry = now + 60
        end
        take_line(answer.__awsenv_line)
    end
    render(now)
    publish()
end

-- Once per session: a typed line has failed, and the session is over.
local function hint()
    local name = answer.__awsenv_name or ""
    local session = name .. " " .. expiry
    local failed = typed and os.geterrorlevel and os.geterrorlevel() ~= 0 and os.geterrorlevel() ~= 130
    local ended = expiry > 0 and expiry <= os.time() or (expiry == 0 and state == "expired")
    if not failed or not ended or name == "" or told == session then
        return
    end
    told = session
    local since, when = os.time() - expiry, "is over"
    if expiry > 0 then
        local days = string.format("%d days", math.floor(since / 86400))
        when = since < 60 and since .. "s" or since < 172800 and span(since) or days
        when = "ended " .. when .. " ago"
    end
    say("the session of " .. name .. " " .. when .. ": awsenv refresh")
end

local function give_back_what_was_lent()
    for name, value in pairs(lent) do
        if get(name) == value.now then
            os.setenv(name, value.was)
        end
    end
    lent = {}
end

-- Once per prompt.
local done = false
local function at_prompt()
    if off or done then
        return
    end
    done = true
    give_back_what_was_lent()
    update()
    hint()
    typed = false
end

-- Before the prompt filters: a prompt tool finds AWSENV_PROMPT as it is now.
clink.onbeginedit(at_prompt)

-- Behind the filters of others, which throw away what stands in front of theirs. starship shows AWSENV_PROMPT when it is
-- told to; its script leaves these two.
local filter = clink.promptfilter(90)
function filter:filter(prompt)
    at_prompt()
    local is_starship = curr_duration ~= nil and is_line_empty ~= nil
    if off or __awsenv_want_prompt ~= "1" or is_starship or segment == "" then
        return
    end
    return segment .. prompt
end

-- ---- use and leave -------------------------------------------------------------------------------------------------

-- Puts back what `use` changed, where it still has the value that `use` gave it. The second result takes that back.
local function give_back()
    local changed, undone, before, owned = {}, {}, kept, own_end
    local function set(name, value)
        undone[#undone + 1] = { name, get(name) }
        os.setenv(name, value)
    end
    if own_end then
        set("AWS_SESSION_EXPIRATION", own_end.was)
        local names = (get("AWSENV_NAMES") or ""):gsub(" AWS_SESSION_EXPIRATION:%*", "")
        set("AWSENV_NAMES", names ~= "1 -" and names ~= "" and names or nil)
        own_end = nil
    end
    for _, entry in ipairs(kept) do
        if OURS[entry.name] or get(entry.name) == entry.now then
            set(entry.name, entry.was)
        else
            changed[#changed + 1] = entry.name
        end
    end
    kept = {}
    return changed, function()
        for i = #undone, 1, -1 do
            os.setenv(undone[i][1], undone[i][2])
        end
        kept, own_end = before, owned
    end
end

local function change(name, value)
    kept[#kept + 1] = { name = name, was = get(name), now = value }
    os.setenv(name, value)
end

-- Does AWSENV_NAMES name something that the prompt did not put there?
local function is_inherited()
    local names = get("AWSENV_NAMES") or ""
    return #kept == 0 and names:match("^1 .* .*:") and names ~= "1 - AWS_SESSION_EXPIRATION:*"
end

local function tell_changed(changed)
    if #changed > 0 then
        say("changed since `awsenv use`, so left as it is: " .. table.concat(changed, ", "))
    end
end

-- The exit code of an answer: a binary that is gone, or failed without a word, is a failure.
local function code_of(found)
    if not found then
        say('"' .. __awsenv_bin .. '" is gone: install it again, then start a new cmd')
        return 1
    end
    return number(found.__awsenv_code) or 1
end

local function use(words, is_typed)
    local former = get("AWS_PROFILE")
    if get("AWSENV_PROFILE") and (former == switched or not switched) then
        former = get("AWSENV_PROFILE")
    end
    local current = get("AWSENV_PROFILE")
    local inherited = is_inherited() and ask("leave clink " .. __awsenv_protocol .. " 2>nul") or {}
    -- The binary sees the environment as it is without us.
    local changed, undo = give_back()
    local taken = {}
    for _, name in ipairs(inherited.__awsenv_unset_names or {}) do
        taken[#taken + 1] = { name, get(name) }
        os.setenv(name, nil)
    end
    local variables = { __awsenv_previous = previous, __awsenv_current = current }
    for i, word in ipairs(words) do
        variables["__awsenv_word_" .. i] = word
    end
    local found = ask("switch clink " .. __awsenv_protocol .. " " .. (is_typed and 1 or 0) .. " . . --", variables)
    local code = code_of(found)
    if code ~= 0 then
        for _, pair in ipairs(taken) do
            os.setenv(pair[1], pair[2])
        end
        undo()
        return code
    end
    tell_changed(changed)
    for i, name in ipairs(found.__awsenv_set_names or {}) do
        change(name, found.__awsenv_set_values[i])
    end
    for _, name in ipairs(found.__awsenv_unset_names or {}) do
        change(name, nil)
    end
    previous, switched = former, get("AWS_PROFILE")
    return 0
end

local function leave()
    local former = get("AWSENV_PROFILE")
    if #kept > 0 then
        tell_changed((give_back()))
        switched = nil
    elseif is_inherited() then
        local found = ask("leave clink " .. __awsenv_protocol)
        if code_of(found) ~= 0 then
            return 1
        end
        for _, name in ipairs(found.__awsenv_unset_names or {}) do
            os.setenv(name, nil)
        end
        own_end = nil
    else
        say("nothing to leave: `awsenv use` has changed nothing here")
        return 0
    end
    previous = former or previous
    return 0
end

-- Clink keeps its handlers until it loads its scripts anew: they do nothing from now on.
local function turn_off()
    give_back_what_was_lent()
    -- Nobody would keep it right.
    local names, is_own = get("AWSENV_NAMES") or "", own_end ~= nil
    published = "-"
    publish()
    if not is_own and (names .. " "):find(" AWS_SESSION_EXPIRATION:", 1, true) then
        names = names:gsub(" AWS_SESSION_EXPIRATION:%S*", "")
        os.setenv("AWSENV_NAMES", names:find("^1 %S+ ") and names or nil)
    end
    os.setenv("AWSENV_PROMPT", nil)
    off = true
    return 0
end

-- ---- A typed line --------------------------------------------------------------------------------------------------

-- The commands of a line: { text, op, rest }, `rest` being what stands behind the operator. Quotes and carets as in cmd;
-- the `&` of `2>&1` is none.
local function commands_of(line)
    local found, start, i, quoted = {}, 1, 1, false
    while i <= #line do
        local c, two = line:sub(i, i), line:sub(i, i + 1)
        if c == '"' then
            quoted = not quoted
        elseif not quoted and c == "^" then
            i = i + 1
        elseif not quoted and c:match("[&|()]") and not (c == "&" and line:sub(i - 1, i - 1):match("[<>]")) then
            local op = (two == "&&" or two == "||") and two or c
            found[#found + 1] = { text = line:sub(start, i - 1), op = op, rest = line:sub(i + #op) }
            i = i + #op - 1
            start = i + 1
        end
        i = i + 1
    end
    found[#found + 1] = { text = line:sub(start), rest = "" }
    return found
end

-- Its words, without quotes and carets.
local function words_of(command)
    local words, word, quoted, i = {}, nil, false, 1
    while i <= #command do
        local c = command:sub(i, i)
        if c == '"' then
            quoted, word = not quoted, word or ""
        elseif not quoted and c:match("%s") then
            words[#words + 1], word = word, nil
        else
            if not quoted and c == "^" then
                i = i + 1
                c = command:sub(i, i)
            end
            word = (word or "") .. c
        end
        i = i + 1
    end
    words[#words + 1] = word
    return words
end

-- A program's name without folder and ending, in small letters.
local function name_of(word)
    local name = (word or ""):lower():gsub("^@", ""):gsub("^.*[/\\]", "")
    return (name:gsub("%.exe$", ""):gsub("%.cmd$", ""):gsub("%.bat$", ""))
end

-- What stands behind `call`, `else`, `if …` and `for … do` is a command of its own.
local function inner_command(command)
    while true do
        local rest = command:match("^[%s@]*[cC][aA][lL][lL]%s+(.*)$") or command:match("^%s*[eE][lL][sS][eE]%s+(.*)$")
            or command:match("^%s*[dD][oO]%s+(.*)$")
            or (command:match("^%s*[fF][oO][rR]%s") and command:match("%s[dD][oO]%s+(.*)$"))
        local condition = not rest and command:match("^[%s@]*[iI][fF]%s+(.*)$")
        if condition then
            condition = condition:gsub("^/[iI]%s+", ""):gsub("^[nN][oO][tT]%s+", ""):gsub("^/[iI]%s+", "")
            rest = condition:match("^%a+%s+[^%s\"=]+%s+(.*)$") or condition:match("^%a+%s+\"[^\"]*\"%s+(.*)$")
                or condition:match("^\"[^\"]*\"%s*==%s*\"[^\"]*\"%s+(.*)$") or condition:match("^[^%s=]+%s*==%s*%S+%s+(.*)$")
        end
        if not rest then
            return (command:gsub("^[%s@]+", ""))
        end
        command = rest
    end
end

-- Surely good for longer than the margin: nothing is started. Any doubt is the binary's to judge.
local function is_fresh(name, command)
    if key ~= current_key() or retry or command:find("%s%-%-?p") or command:find("--aws-p", 1, true) then
        return false
    end
    if state == "permanent" or state == "unknown" or state == "none" then
        return true
    elseif state ~= "valid" and state ~= "expiring" then
        return false
    end
    local needed = margin
    for _, item in ipairs(answer.__awsenv_margins or {}) do
        local whose, seconds = item:match("^(.*)=(%d+)$")
        if whose == name then
            needed = number(seconds) or needed
        end
    end
    if expiry == 0 then
        -- Good without an end; yet what renews it may be due.
        local due = number(answer.__awsenv_due or "0") or 0
        return due == 0 or due > os.time()
    end
    return expiry - needed > os.time()
end

-- Clink hands variables to the line as a whole; the next prompt takes them back.
local function lend(name, value)
    if value and value ~= "" then
        lent[name] = lent[name] or { was = get(name) }
        lent[name].now = value
        os.setenv(name, value)
    end
end

local function is_guarded(name)
    -- A macro of the user's own (or of awsenv's hook for cmd) is left alone.
    if os.getalias and os.getalias(name) then
        return false
    end
    for _, guarded in ipairs(answer.__awsenv_commands or __awsenv_commands) do
        if name == guarded then
            return true
        end
    end
    return false
end

-- True: nothing of this line may run.
local function is_stopped(line)
    if __awsenv_want_guard ~= "1" or get("AWSENV_ASK") == "never" then
        return false
    end
    for _, part in ipairs(commands_of(line)) do
        local command = inner_command(part.text)
        local name = name_of(words_of(command)[1])
        if (name == "set" and command:upper():find("AWS", 1, true)) or name == "awsenv" then
            -- What is in force behind this only running it would tell.
            return false
        end
        if is_guarded(name) then
            if is_fresh(name, command) then
                lend("AWS_PROFILE", answer.__awsenv_through)
            else
                local pid = os.getpid and os.getpid() or 0
                local call = "guard clink " .. __awsenv_protocol .. " " .. pid .. " " .. lines .. " --"
                local found = ask(call, { __awsenv_words = command })
                if found and found.__awsenv_code == "130" then
                    return true
                end
                if found then
                    lend("AWS_PROFILE", found.__awsenv_run_profile)
                    lend("AWSENV_ASK", found.__awsenv_run_ask)
                    -- The binary has spoken of this session already.
                    told = (answer.__awsenv_name or "") .. " " .. expiry
                end
            end
        end
    end
    return false
end

local function own_command(command)
    local words = words_of(inner_command(command))
    local verb = words[2]
    if name_of(words[1]) ~= "awsenv" or (verb ~= "use" and verb ~= "leave" and verb ~= "off") then
        return nil
    end
    if verb == "use" then
        return function()
            return use({ table.unpack(words, 3) }, true)
        end
    end
    -- With further words: the binary's to explain.
    return #words == 2 and (verb == "leave" and leave or turn_off) or nil
end

-- `awsenv doctor`, `setup` and `status` learn from a variable that the hook is here, and what it leaves alone.
local function tell_doctor(line)
    if name_of(words_of(line)[1]) == "awsenv" then
        local hook = "clink"
        for _, name in ipairs(answer.__awsenv_commands or {}) do
            if os.getalias and os.getalias(name) then
                hook = hook .. " kept=" .. name
            end
        end
        if __awsenv_loads > 1 then
            hook = hook .. " loads=" .. __awsenv_loads
        end
        lend("AWSENV_HOOK", hook)
    end
end

-- A line that sets the exit code and does nothing else.
local function exit_line(code)
    return '"%ComSpec%" /d /c exit ' .. code
end

-- After Enter, before cmd sees the line. '' is no line at all; nil leaves it as it is.
clink.onfilterinput(function(line)
    if off then
        return nil
    end
    done = false
    lines, typed = lines + 1, line:find("%S") ~= nil
    tell_doctor(line)
    local rest = line
    while true do
        local first = commands_of(rest)[1]
        local run = (not first.op or first.op:match("^[&|]+$")) and first.op ~= "|" and own_command(first.text)
        if not run then
            break
        end
        local code = run()
        local goes_on = first.op == "&" or (first.op == "&&" and code == 0) or (first.op == "||" and code ~= 0)
        if not goes_on then
            return exit_line(code)
        end
        rest = first.rest
        if off then
            return rest
        end
    end
    if is_stopped(rest) then
        return ""
    end
    if rest ~= line then
        return rest
    end
    return nil
end)

-- ---- Completion ----------------------------------------------------------------------------------------------------

-- Asked for at each TAB.
local function names()
    local found = {}
    local _, printed = ask("names 2>nul")
    for name in (printed or ""):gmatch("[^\r\n]+") do
        found[#found + 1] = name
    end
    return found
end

local function with_names(command)
    return command .. clink.argmatcher():addarg(names)
end

local shells = clink.argmatcher():addarg({ "bash", "zsh", "fish", "nushell", "powershell", "cmd", "clink" })
clink.argmatcher("awsenv"):addarg({
    with_names("use"), with_names("refresh"), with_names("login"), with_names("logout"), with_names("status"),
    with_names("exec"), with_names("export"), with_names("credentials"), with_names("console"), with_names("setup"), "iam", "keyring", "mfa",
    "sso", "leave", "list", "prompt", "doctor", "off",
    "init" .. shells, "completions" .. shells, "config" .. clink.argmatcher():addarg({ "path" }),
})
