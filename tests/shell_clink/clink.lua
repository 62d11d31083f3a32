-- A small imitation of the part of Clink's Lua API that the hook uses, after Clink's documentation. It reads lines from
-- stdin and does with each what Clink does with a typed one: filters it, "runs" it by printing it, then shows a prompt.
-- Lines that begin with `:` are for the imitation itself.

local real_getenv, real_time, real_popen = os.getenv, os.time, io.popen
local overlay, gone, offset = {}, {}, 0
local handlers, filters, aliases = { beginedit = {}, filterinput = {} }, {}, {}
errorlevel, popens = 0, 0

local function quoted(text)
    return "'" .. text:gsub("'", "'\\''") .. "'"
end

function os.getenv(name)
    if gone[name] then
        return nil
    end
    return overlay[name] or real_getenv(name)
end

function os.setenv(name, value)
    overlay[name], gone[name] = value, value == nil
    return true
end

function os.time(...)
    if ... then
        return real_time(...)
    end
    return real_time() + offset
end

function os.geterrorlevel()
    return errorlevel
end

function os.getpid()
    return 4242
end

function os.getalias(name)
    return aliases[name]
end

-- Whole seconds, as the documentation says.
function os.globfiles(pattern, extra)
    assert(extra == 2 and not pattern:find("[*?]"))
    local pipe = real_popen("stat -L -c %Y " .. quoted(pattern) .. " 2>/dev/null")
    local time = tonumber(pipe:read("*a"))
    pipe:close()
    return time and { { name = pattern, type = "file", mtime = time, size = 1 } } or {}
end

-- `cmd /c LINE`: takes the first and the last quote away, then puts variables in.
function io.popen(line, mode)
    popens = popens + 1
    local command = line:gsub('^"', ""):gsub('"$', "")
    command = command:gsub('"%%([%w_]+)%%"', function(name)
        return quoted(os.getenv(name))
    end)
    command = command:gsub("2>nul$", "2>/dev/null")
    assert(not command:find("[%%\"]"), "a word of a person's on the line of cmd /c: " .. line)
    local env = {}
    for name in pairs(gone) do
        if gone[name] then
            env[#env + 1] = "-u " .. name
        end
    end
    for name, value in pairs(overlay) do
        env[#env + 1] = quoted(name .. "=" .. value)
    end
    -- The user's AutoRun greets.
    return real_popen("echo 'Welcome = back, \"you\"'; exec env " .. table.concat(env, " ") .. " " .. command, mode)
end

local Matcher = {}
Matcher.__index = Matcher
Matcher.__concat = function(word, matcher)
    return { word = word, matcher = matcher }
end

function Matcher:addarg(list)
    self.list = list
    return self
end

clink = { version_encoded = 10060000, matchers = {} }

function clink.argmatcher(name)
    local matcher = setmetatable({}, Matcher)
    if name then
        clink.matchers[name] = matcher
    end
    return matcher
end

function clink.onbeginedit(handler)
    table.insert(handlers.beginedit, handler)
end

function clink.onfilterinput(handler)
    table.insert(handlers.filterinput, handler)
end

function clink.promptfilter(priority)
    local filter = { priority = priority }
    table.insert(filters, filter)
    return filter
end

local function prompt()
    for _, handler in ipairs(handlers.beginedit) do
        handler()
    end
    local shown = "C:\\>"
    for _, filter in ipairs(filters) do
        shown = filter:filter(shown) or shown
    end
    io.stdout:write(shown, "\n")
    io.stdout:flush()
end

-- The words that TAB offers behind these.
local function complete(...)
    local matcher = clink.matchers.awsenv
    for _, word in ipairs({ ... }) do
        for _, entry in ipairs(type(matcher.list) == "table" and matcher.list or {}) do
            if type(entry) == "table" and entry.word == word then
                matcher = entry.matcher
            end
        end
    end
    local words = {}
    local list = type(matcher.list) == "function" and matcher.list() or matcher.list
    for _, entry in ipairs(list) do
        words[#words + 1] = type(entry) == "table" and entry.word or entry
    end
    table.sort(words)
    return table.concat(words, " ")
end

-- What a test may say: `:set NAME VALUE`, `:unset NAME`, `:show NAME`, `:popens`, `:later SECONDS`, `:failed CODE`,
-- `:alias NAME`, `:load`, `:complete WORDS`.
local own = {}

function own.set(rest)
    os.setenv(rest:match("^(%S+) (.*)$"))
end

function own.unset(name)
    os.setenv(name, nil)
end

function own.show(name)
    io.stdout:write(name, "=", tostring(os.getenv(name)), "\n")
end

function own.popens()
    io.stdout:write("popens ", popens, "\n")
end

function own.later(seconds)
    offset = offset + tonumber(seconds)
end

function own.failed(code)
    errorlevel = tonumber(code)
end

function own.alias(name)
    aliases[name] = "something else"
end

function own.load()
    assert(loadfile(arg[1]))()
end

function own.complete(rest)
    local words = {}
    for word in rest:gmatch("%S+") do
        words[#words + 1] = word
    end
    io.stdout:write("offered: ", complete(table.unpack(words)), "\n")
end

own.load()
prompt()
for line in io.lines() do
    local verb, rest = line:match("^:(%a+) ?(.*)$")
    if verb then
        -- What another line would have done, an empty one first.
        for _, handler in ipairs(handlers.filterinput) do
            handler("")
        end
        own[verb](rest)
    else
        local typed = line
        for _, handler in ipairs(handlers.filterinput) do
            line = handler(line) or line
        end
        if line == "" then
            io.stdout:write("cancelled\n")
        elseif line ~= typed then
            io.stdout:write("runs instead: ", line, "\n")
        else
            io.stdout:write("runs: ", line, "\n")
        end
        for _, name in ipairs({ "AWS_PROFILE", "AWSENV_ASK" }) do
            io.stdout:write(name, "=", tostring(os.getenv(name)), "\n")
        end
        if os.getenv("AWSENV_HOOK") then
            own.show("AWSENV_HOOK")
        end
    end
    prompt()
end
