-- Baton for Neovim: starts the server for files of git repositories, and gives its commands names to type. All that is known
-- about a change comes from the server, by the means that every client has.
local compat = require('baton.compat')

local M = {}

local options = {
  cmd = { 'baton', 'lsp' },
  auto = true, -- start for every file of a git repository; else with the first :Baton
  notify = vim.notify,
  verify_on_save = false,
}
local clients = {} -- root -> id
local shown_by = nil -- the client whose word the status is
local told_missing = false

M.status = '' -- what runs, or the last verdict: for a status line

function M.setup(given)
  for name, value in pairs(given or {}) do
    if options[name] == nil then error('baton.setup: there is no option ' .. name .. '; the options are auto, cmd, notify and verify_on_save.') end
    if type(value) ~= type(options[name]) then
      error('baton.setup: ' .. name .. ' must be a ' .. type(options[name]) .. ', and is a ' .. type(value) .. '.')
    end
    options[name] = value
  end
end

local function say(text, level) options.notify('Baton: ' .. text, level or vim.log.levels.INFO) end

-- The nearest folder above that holds a .git, which is a file in linked work trees and submodules.
local function root_of(buffer)
  local name = vim.api.nvim_buf_get_name(buffer)
  if name == '' or name:find('^%a[%w+.-]*://') or vim.bo[buffer].buftype ~= '' then return nil end
  local folder = vim.fn.fnamemodify(name, ':p:h')
  while true do
    if compat.uv.fs_stat(folder .. '/.git') then return folder end
    local above = vim.fn.fnamemodify(folder, ':h')
    if above == folder then return nil end
    folder = above
  end
end

local function set_status(text, client)
  M.status, shown_by = text, client
  vim.api.nvim_exec_autocmds('User', { pattern = 'BatonStatus', modeline = false })
end

local function on_progress(_, result, context)
  local value = type(result) == 'table' and result.value or nil
  if type(value) ~= 'table' or not value.kind then return end
  if value.kind == 'end' then
    set_status(value.message or '', context.client_id)
  else
    set_status((value.percentage and value.percentage .. '% ' or '') .. (value.message or value.title or ''), context.client_id)
  end
  local standard = vim.lsp.handlers['$/progress']
  if standard then return standard(_, result, context) end
end

-- An action of a task that takes words along asks for them here; what is left empty is read from the task's page.
local function with_words(name, prompt)
  return function(command, context)
    local client = vim.lsp.get_client_by_id(context.client_id)
    local arguments = vim.deepcopy((command.arguments or {})[1] or {})
    local function send()
      compat.request(client, 'workspace/executeCommand', { command = command.command, arguments = { arguments } }, function(err)
        if err and err.code ~= -32800 then say(err.message, vim.log.levels.ERROR) end
      end)
    end
    if command.command == 'baton.answer' and arguments.choice ~= 'text' then return send() end
    vim.ui.input({ prompt = prompt }, function(words)
      if not words then return end
      arguments[name] = words
      send()
    end)
  end
end

local asking = {
  ['baton.retryTask'] = with_words('hint', 'A hint for the next attempt (may be empty): '),
  ['baton.acceptTask'] = with_words('reason', 'Why is it accepted all the same? '),
  ['baton.answer'] = with_words('text', 'Your answer: '),
}

-- A session knows the unsaved text of the buffers that it has: what is not attached is judged as it is saved.
local function attach_all(root, id)
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and root_of(buffer) == root then vim.lsp.buf_attach_client(buffer, id) end
  end
end

local function start(root)
  local client = clients[root] and vim.lsp.get_client_by_id(clients[root])
  if client and not compat.is_stopped(client) then return client.id end
  if vim.fn.executable(options.cmd[1]) ~= 1 then
    if not told_missing then
      say('the program ' .. options.cmd[1] .. ' was not found: install it (make install in its sources), or name it with require("baton").setup({ cmd = { PATH, "lsp" } }).', vim.log.levels.WARN)
    end
    told_missing = true
    return nil
  end
  local capabilities = vim.lsp.protocol.make_client_capabilities()
  -- It keeps the data of a diagnostic, and 0.7 does not say so.
  capabilities.textDocument.publishDiagnostics.dataSupport = true
  clients[root] = vim.lsp.start_client({
    name = 'baton',
    cmd = options.cmd,
    capabilities = capabilities,
    init_options = { verifyOnSave = options.verify_on_save },
    settings = { baton = { verifyOnSave = options.verify_on_save } }, -- what the server gets when it asks
    root_dir = root,
    workspace_folders = { { uri = vim.uri_from_fname(root), name = root } },
    handlers = { ['$/progress'] = on_progress },
    commands = asking,
    on_exit = vim.schedule_wrap(function(_, _, id)
      if shown_by == id then set_status('', nil) end
    end),
  })
  if clients[root] then attach_all(root, clients[root]) end -- the session before it may have died with them
  return clients[root]
end

local function attach(buffer)
  local root = root_of(buffer)
  local id = root and start(root)
  if id then vim.lsp.buf_attach_client(buffer, id) end
  return id
end

function M.attach(buffer)
  if options.auto and vim.api.nvim_buf_is_loaded(buffer) then attach(buffer) end
end

-- The client of the current buffer, or else the only one there is.
local function here()
  local buffer = vim.api.nvim_get_current_buf()
  local id = attach(buffer)
  if id then attach_all(root_of(buffer), id) end
  if not id then
    local all = vim.tbl_filter(function(client) return client.name == 'baton' end, compat.clients())
    if #all == 1 then id = all[1].id end
  end
  if not id then
    if not told_missing then say('open a file of a git repository first.', vim.log.levels.WARN) end
    return nil
  end
  -- A client is known by its id once it is initialized; until then it takes no request.
  vim.wait(10000, function() return vim.lsp.get_client_by_id(id) ~= nil end, 10)
  return vim.lsp.get_client_by_id(id)
end

-- Asks for a command; `done(answer)` when it succeeds. One that fails is told, one that is cancelled is not.
local function execute(command, arguments, done)
  local client = here()
  if not client then return end
  local name = vim.api.nvim_buf_get_name(0)
  if name ~= '' and vim.bo.buftype == '' then arguments.uri = vim.uri_from_fname(vim.fn.fnamemodify(name, ':p')) end
  if not next(arguments) then arguments = vim.empty_dict() end
  compat.request(client, 'workspace/executeCommand', { command = command, arguments = { arguments } }, function(err, answer)
    if err and err.code ~= -32800 then return say(err.message, vim.log.levels.ERROR) end
    if not err and done then done(answer) end
  end)
end

-- A page that is only read.
local function show(name, text, filetype)
  vim.cmd('botright new')
  local buffer = vim.api.nvim_get_current_buf()
  vim.bo[buffer].buftype = 'nofile'
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].swapfile = false
  pcall(vim.api.nvim_buf_set_name, buffer, 'baton://' .. name)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(text:gsub('\n+$', ''), '\n'))
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].filetype = filetype
end

-- The first diagnostic of ours under the cursor, and its data.
local function here_is()
  for _, diagnostic in ipairs(vim.diagnostic.get(0, { lnum = vim.api.nvim_win_get_cursor(0)[1] - 1 })) do
    local data = ((diagnostic.user_data or {}).lsp or {}).data
    if diagnostic.source == 'baton' and type(data) == 'table' and data.verification then return diagnostic, data end
  end
end

local function open_evidence()
  -- What the cursor is on says which evidence is meant.
  local diagnostic, data = here_is()
  local about = data and { task = data.verification, gate = data.gate, test = data.test } or {}
  if data and data.path then
    about.path, about.line, about.message = data.path, data.line, diagnostic.message
  end
  execute('baton.openEvidence', about, function(answer)
    if answer.shown then return end
    vim.cmd('split ' .. vim.fn.fnameescape(answer.path))
    vim.api.nvim_win_set_cursor(0, { math.min(answer.line, vim.api.nvim_buf_line_count(0)), 0 })
  end)
end

local function accept(words)
  local diagnostic, data = here_is()
  if not diagnostic then return say('put the cursor on a failure first; :Baton verify finds them.', vim.log.levels.WARN) end
  local about = { task = data.verification, gate = data.gate }
  if data.test and data.test ~= '' then
    about.test = data.test
  else
    about.path, about.line, about.message = data.path, data.line, diagnostic.message
  end
  if diagnostic.code == 'accepted' then
    about.withdraw = true
    return execute('baton.acceptFailure', about, function() say('accepted no longer.') end)
  end
  local function with(reason)
    if not reason or reason == '' then return end
    about.reason = reason
    execute('baton.acceptFailure', about, function() say('accepted as known; it is still shown, with the reason.') end)
  end
  if #words > 0 then return with(table.concat(words, ' ')) end
  vim.ui.input({ prompt = 'Why is it accepted as known? ' }, with)
end

local function known()
  execute('baton.showKnown', {}, function(answer)
    say(answer.shown and answer.known .. ' failures were there before.' or 'what was there before is hidden.')
  end)
end

-- Of every repository; a task goes on, and is cancelled by its own action.
local function cancel()
  for _, client in ipairs(compat.clients()) do
    if client.name == 'baton' then
      compat.request(client, 'workspace/executeCommand', { command = 'baton.cancelVerify', arguments = { vim.empty_dict() } }, function(err)
        if err then say(err.message, vim.log.levels.ERROR) end
      end)
    end
  end
end

local function doctor(done)
  execute('baton.doctor', {}, function(answer)
    show('doctor', answer.text or vim.inspect(answer), 'baton')
    if done then done() end
  end)
end

local function trust()
  doctor(function()
    vim.cmd('redraw')
    vim.ui.select({ 'Approve', 'Not now' }, { prompt = 'May Baton run these commands, on copies of the repository?' }, function(choice)
      vim.cmd('close')
      if choice == 'Approve' then
        execute('baton.trustRepository', {}, function() say('approved: :Baton verify judges the change.') end)
      end
    end)
  end)
end

-- The task whose id is given, or one that is chosen.
local function pull_request(words)
  local function create(task)
    execute('baton.createPullRequest', { task = task, draft = words[2] == 'draft' }, function(answer)
      local made = type(answer) == 'table' and answer.pull_request
      if type(made) == 'table' and made.url ~= '' then say(made.url) end
    end)
  end
  if words[1] then return create(words[1]) end
  execute('baton.listTasks', {}, function(answer)
    local tasks = answer.tasks or {}
    if #tasks == 0 then return say('there is no task yet.') end
    vim.ui.select(tasks, { prompt = 'Pull request of', format_item = function(task) return task.title .. ' (' .. task.state .. ')' end }, function(chosen)
      if chosen then create(chosen.task) end
    end)
  end)
end

local commands = {
  verify = function(gates) execute('baton.verify', #gates > 0 and { gates = gates } or {}) end,
  quick = function() execute('baton.verify', { quick = true }) end,
  evidence = open_evidence,
  accept = accept,
  known = known,
  doctor = function() doctor() end,
  trust = trust,
  cancel = cancel,
  pr = pull_request,
}

function M.command(words)
  local name = table.remove(words, 1) or 'verify'
  if not commands[name] then
    return say('there is no :Baton ' .. name .. '; there are ' .. table.concat(M.complete(''), ', ') .. '.', vim.log.levels.ERROR)
  end
  commands[name](words)
end

function M.complete(lead)
  local names = vim.tbl_filter(function(name) return vim.startswith(name, lead) end, vim.tbl_keys(commands))
  table.sort(names)
  return names
end

return M
