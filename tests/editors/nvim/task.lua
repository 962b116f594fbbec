-- Stock Neovim has a task done: from a TODO(baton) comment by code action to the plan, the approval, progress, a red round as a
-- diagnostic, a retry with a hint that is typed into the task's page, and the branch; then a second one up to its acceptance with a
-- typed reason. Nothing but Neovim's own code actions is used for it. An error anywhere ends with a code that is not zero.
local project = os.getenv('BATON_TEST_PROJECT')
local file = project .. '/calc.py'
local patience = 120000

local messages = {}
vim.lsp.handlers['window/showMessage'] = function(_, result) table.insert(messages, result.message) end
local progress = {}
vim.lsp.handlers['$/progress'] = function(_, result) table.insert(progress, result.value) end
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

local function with_code(code)
  return vim.tbl_filter(function(d) return d.code == code end, vim.diagnostic.get())
end

local function task_named(title)
  local found
  command('baton.listTasks', { uri = vim.uri_from_fname(file) }, function(_, result)
    for _, task in ipairs(result.tasks) do
      if vim.startswith(task.title, title) then found = task end
    end
  end)
  wait('the list of tasks', function() return found end, 10000)
  return found
end

-- Goes to the page of the task that was escalated, and types after a label of it; nothing is saved.
local function type_after(label, words)
  vim.cmd('buffer ' .. with_code('escalation')[1].bufnr)
  vim.lsp.buf_attach_client(0, client)
  for i, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    if line == label then
      vim.api.nvim_buf_set_lines(0, i - 1, i, false, { label .. ' ' .. words })
      return vim.api.nvim_win_set_cursor(0, { i, 0 })
    end
  end
  error('no line ' .. label .. ' in the page:\n' .. table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n'))
end

local function on_branch(...)
  local branch = told('Landed as the branch'):match('branch (%S+)%.')
  return vim.fn.system({ 'git', '-C', project, ... , branch }), branch
end

local function wait_for_escalation()
  wait('the diagnostic of the escalation', function() return #with_code('escalation') == 1 end)
end

local function begin()
  vim.cmd('edit ' .. file)
  client = vim.lsp.start_client({ name = 'baton', cmd = { os.getenv('BATON'), 'lsp', '--stdio' }, root_dir = project })
  vim.lsp.buf_attach_client(0, client)
  wait('the session', function() return vim.lsp.buf_get_clients(0)[client] ~= nil end, 10000)
  local trusted
  command('baton.trustRepository', { uri = vim.uri_from_bufnr(0) }, function(err) trusted = not err end)
  wait('the approval of the commands', function() return trusted end, 20000)
end

-- The scripted agent breaks a test, three times, until it is told better.
local function from_a_comment_to_a_branch()
  local todo
  for i, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    if line:find('TODO(baton)', 1, true) then todo = i end
  end
  vim.api.nvim_win_set_cursor(0, { todo, 0 })
  say('ok: ' .. act('Do this task'))
  wait('the plan', function() return told('The plan waits') end)
  messages, progress = {}, {}
  say('ok: ' .. act('Run the plan'))

  local function progressed(kind, text)
    return #vim.tbl_filter(function(value) return value.kind == kind and (value.title or value.message or ''):find(text, 1, true) end, progress) > 0
  end
  wait('the red round', function() return #with_code('regression') > 0 end)
  assert(progressed('begin', 'Baton: run the plan'), vim.inspect(progress))
  assert(progressed('report', 's1: ') and progressed('report', 'unittest'), vim.inspect(progress))
  say('ok: progress of the agent and of the gates, and a red round as a diagnostic')

  wait_for_escalation()
  assert(task_named('Add a function sub').state == 'escalated_to_human')
  say('ok: the escalation is a diagnostic on the page of the task')
  messages = {}
  type_after('Hint:', 'write calc.py right')
  say('ok: ' .. act('Try again'))
  wait('the branch', function() return told('Landed as the branch') end)
  local text, branch = on_branch('show', '--format=%b', '-U9')
  assert(text:find('+    return a - b', 1, true), text)
  say('ok: with the hint from the page it is ' .. branch)
  wait('the diagnostic to go', function() return #with_code('escalation') == 0 end, 10000)
end

local function escalation_to_its_end()
  vim.cmd('buffer! ' .. vim.fn.bufnr(file))
  messages = {}
  command('baton.startTask', { uri = vim.uri_from_fname(file), text = 'Add a function mul(a, b) to calc.py that returns the product' }, function() end)
  wait('the plan', function() return told('The plan waits') end)
  act('Run the plan')
  wait_for_escalation()
  local task = task_named('Add a function mul').task
  local refused
  command('baton.acceptTask', { task = task, uri = vim.uri_from_fname(file) }, function(err) refused = err and err.message end)
  wait('the question for the reason', function() return refused end, 20000)
  assert(refused:find('`Reason:`', 1, true), refused)
  assert(task_named('Add a function mul').state == 'escalated_to_human')
  say('ok: nothing is accepted without a reason')
  messages = {}
  type_after('Reason:', 'the old doubling was wrong anyway')
  say('ok: ' .. act('Accept in spite of the failure'))
  wait('the branch', function() return told('Landed as the branch') end)
  local text = on_branch('log', '-1', '--format=%B')
  assert(text:find('Accepted in spite of a failure by a human', 1, true) and text:find('the old doubling was wrong anyway', 1, true), text)
  say('ok: the typed reason stands in the commit')
  wait('the diagnostic to go', function() return #with_code('escalation') == 0 end, 10000)
end

-- With the editor alone: one command, and the page's address as a message.
local function a_pull_request()
  messages = {}
  local task, made = task_named('Add a function sub').task, nil
  vim.lsp.buf.execute_command({ command = 'baton.createPullRequest', arguments = { { task = task, uri = vim.uri_from_fname(file), draft = true } } })
  wait('the page', function()
    made = told('http://forge.example/')
    return made
  end)
  local state = vim.fn.json_decode(vim.fn.system({ 'python3', '-c', 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())', os.getenv('BATON_TEST_FORGE') .. '/test/state' }))
  assert(#state.pulls == 1 and #state.comments == 1 and state.pulls[1].draft, vim.inspect(state))
  assert(made:find(state.pulls[1].url or 'http://forge.example/', 1, true), made)
  assert(state.pulls[1].body:find('`calc.py`, +', 1, true), state.pulls[1].body)
  say('ok: one command makes the pull request: ' .. made)
end

local function main()
  begin()
  from_a_comment_to_a_branch()
  a_pull_request()
  escalation_to_its_end()
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
