-- Stock Neovim has a task done: from a TODO(baton) comment by code action to the plan, the approval, a red round as a diagnostic, a
-- retry with a hint, and the branch. An error anywhere ends with a code that is not zero.
local project = os.getenv('BATON_TEST_PROJECT')
local file = project .. '/calc.py'
local patience = 120000

local messages = {}
vim.lsp.handlers['window/showMessage'] = function(_, result) table.insert(messages, result.message) end
local function say(text) io.stdout:write('\n' .. text .. '\n') end

local function wait(what, predicate, limit)
  if not vim.wait(limit or patience, predicate, 20) then
    error('waited in vain for ' .. what .. '\nmessages: ' .. vim.inspect(messages) .. '\ndiagnostics: ' .. vim.inspect(vim.diagnostic.get()))
  end
end

local function told(text)
  for _, message in ipairs(messages) do
    if message:find(text, 1, true) then return message end
  end
end

local client
local function command(name, arguments, done)
  vim.lsp.get_client_by_id(client).request('workspace/executeCommand', { command = name, arguments = { arguments } }, function(err, result) done(err, result) end, 0)
end

-- The title of the action that was picked.
local function act(beginning)
  local offered, picked = {}, nil
  vim.ui.select = function(items, _, on_choice)
    for _, item in ipairs(items) do
      local title = item[2] and item[2].title or item.title
      table.insert(offered, title)
      if not picked and vim.startswith(title, beginning) then
        picked = title
        return on_choice(item)
      end
    end
    on_choice(nil)
  end
  vim.lsp.buf.code_action()
  wait('the action ' .. beginning .. ', offered: ' .. vim.inspect(offered), function() return picked ~= nil end, 10000)
  return picked
end

local function main()
  vim.cmd('edit ' .. file)
  client = vim.lsp.start_client({ name = 'baton', cmd = { os.getenv('BATON'), 'lsp', '--stdio' }, root_dir = project })
  vim.lsp.buf_attach_client(0, client)
  wait('the session', function() return vim.lsp.buf_get_clients(0)[client] ~= nil end, 10000)
  local trusted
  command('baton.trustRepository', { uri = vim.uri_from_bufnr(0) }, function(err) trusted = not err end)
  wait('the approval of the commands', function() return trusted end, 20000)

  local todo
  for i, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    if line:find('TODO(baton)', 1, true) then todo = i end
  end
  vim.api.nvim_win_set_cursor(0, { todo, 0 })
  say('ok: ' .. act('Do this task'))
  wait('the plan', function() return told('The plan waits') end)
  messages = {}
  say('ok: ' .. act('Run the plan'))

  -- The scripted agent breaks a test until it is told better, three times.
  wait('the red round', function()
    return #vim.tbl_filter(function(d) return d.code == 'regression' end, vim.diagnostic.get()) > 0
  end)
  say('ok: a red round is a diagnostic')
  wait('the escalation', function() return told('Try again') or told('nothing more is tried') or told('failed three times') end)
  local id
  command('baton.listTasks', { uri = vim.uri_from_bufnr(0) }, function(_, result) id = result.tasks[1] end)
  wait('the list', function() return id end, 10000)
  if id.state ~= 'escalated_to_human' then error('the task is ' .. id.state) end
  wait('the diagnostic of the escalation', function()
    return #vim.tbl_filter(function(d) return d.code == 'escalation' end, vim.diagnostic.get()) == 1
  end, 10000)
  say('ok: the escalation is a diagnostic on the document of the task')

  local result
  command('baton.retryTask', { task = id.task, hint = 'write calc.py right' }, function(err, answer) result = answer or err end)
  wait('the end', function() return result end)
  if result.state ~= 'landed' then error('the end: ' .. vim.inspect(result)) end
  local branch = vim.fn.system({ 'git', '-C', project, 'show', result.branch .. ':calc.py' })
  if not branch:find('return a %- b') then error('on the branch: ' .. branch) end
  say('ok: the branch ' .. result.branch)
  wait('the diagnostics to go', function()
    return #vim.tbl_filter(function(d) return d.code == 'escalation' end, vim.diagnostic.get()) == 0
  end, 10000)

  vim.lsp.stop_client(client)
  wait('the session to end', function() return vim.lsp.client_is_stopped(client) end, 5000)
  say('ok: the session ended')
end

local ok, err = xpcall(main, debug.traceback)
if not ok then
  say('FAILED: ' .. tostring(err))
  vim.cmd('cquit 1')
end
vim.cmd('qall!')
