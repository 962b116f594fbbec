-- Stock Neovim drives the whole loop: approve, verify with unsaved edits above the assertion, keep typing, open the evidence,
-- mend, verify again. An error anywhere ends with a code that is not zero.
local project = os.getenv('BATON_TEST_PROJECT')
local file = project .. '/tests/test_calc.py'
local patience = 150000

local messages = {}
vim.lsp.handlers['window/showMessage'] = function(_, result) table.insert(messages, result.message) end

-- What Neovim prints by itself does not end its line.
local function say(text) io.stdout:write('\n' .. text .. '\n') end

local function wait(what, predicate, limit)
  if not vim.wait(limit or patience, predicate, 20) then
    error('waited in vain for ' .. what .. '\nmessages: ' .. vim.inspect(messages) .. '\ndiagnostics: ' .. vim.inspect(vim.diagnostic.get()))
  end
end

local function equal(got, wanted, what)
  if not vim.deep_equal(got, wanted) then
    error(what .. ': wanted ' .. vim.inspect(wanted) .. ', got ' .. vim.inspect(got))
  end
end

local function with_code(code)
  return vim.tbl_filter(function(d) return d.code == code end, vim.diagnostic.get(0))
end

-- Picks the action whose title begins so, without a screen.
local function act(beginning)
  local offered = {}
  local picked = false
  vim.ui.select = function(items, _, on_choice)
    for _, item in ipairs(items) do
      local title = item[2] and item[2].title or item.title
      table.insert(offered, title)
      if not picked and vim.startswith(title, beginning) then
        picked = true
        return on_choice(item)
      end
    end
    on_choice(nil)
  end
  vim.lsp.buf.code_action()
  wait('the action ' .. beginning .. ', offered: ' .. vim.inspect(offered), function() return picked end, 10000)
end

local function line_of(text)
  for i, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    if line:find(text, 1, true) then return i - 1 end
  end
end

-- The end of the verification that was asked for is told by a message; gives that message.
local function verdict(ask)
  messages = {}
  ask()
  local found
  wait('a verdict', function()
    for _, message in ipairs(messages) do
      if message:find('^Baton: ') then found = message end
    end
    return found
  end)
  return found
end

local function main()
  vim.cmd('edit ' .. file)
  local client = vim.lsp.start_client({ name = 'baton', cmd = { os.getenv('BATON'), 'lsp', '--stdio' }, root_dir = project })
  vim.lsp.buf_attach_client(0, client)
  wait('the session', function() return vim.lsp.buf_get_clients(0)[client] ~= nil end, 10000)

  -- Lines above the assertion that are on no disk.
  vim.api.nvim_buf_set_lines(0, 0, 0, false, { '# typed', '# and not saved' })

  -- Nothing runs before it is approved; the question does not stop this editor.
  vim.lsp.buf.execute_command({ command = 'baton.verify', arguments = { { uri = vim.uri_from_bufnr(0) } } })
  wait('the question', function() return #with_code('trust') == 1 end, 20000)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  local sentence = verdict(function() act('Approve') end)
  say(sentence)
  equal(vim.startswith(sentence, 'Baton: rejected'), true, 'the verdict')
  wait('the regression', function() return #with_code('regression') == 1 end, 10000)
  equal(#with_code('trust'), 0, 'questions that are left')

  local assertion = 'self.assertEqual(calc.double(4), 8)'
  local regression = with_code('regression')[1]
  equal(regression.lnum, line_of(assertion), 'the line of the regression')
  equal(regression.lnum, 12, 'the line in the buffer')
  equal(regression.severity, vim.diagnostic.severity.ERROR, 'its severity')
  equal(regression.source, 'baton', 'its source')
  say('ok: the regression is on line ' .. regression.lnum + 1 .. ' of the unsaved buffer')

  -- It moves along.
  vim.api.nvim_buf_set_lines(0, 2, 2, false, { '# three', '# more', '# lines' })
  wait('the regression to move', function()
    local now = with_code('regression')
    return #now == 1 and now[1].lnum == line_of(assertion) and now[1].lnum == 15
  end, 10000)
  vim.api.nvim_buf_set_lines(0, 0, 5, false, {})
  wait('the regression to move back', function()
    local now = with_code('regression')
    return #now == 1 and now[1].lnum == 10
  end, 10000)
  say('ok: it moves along while lines are typed above it')

  -- The evidence: this version cannot open a document for a server, so it is told where.
  vim.api.nvim_win_set_cursor(0, { line_of(assertion) + 1, 0 })
  messages = {}
  act('Open the evidence')
  local path, line
  wait('the evidence', function()
    for _, message in ipairs(messages) do
      path, line = message:match('The evidence is in (.+):(%d+)$')
    end
    return path
  end, 10000)
  local log = vim.fn.readfile(path)
  equal(log[tonumber(line)]:find('12 != 8', 1, true) ~= nil or log[tonumber(line)]:find('test_double', 1, true) ~= nil, true,
    'the place in the log: ' .. tostring(log[tonumber(line)]))
  say('ok: the evidence is ' .. path .. ':' .. line)

  -- Mended in a buffer that is not saved.
  local buffer = vim.api.nvim_get_current_buf()
  vim.cmd('edit ' .. project .. '/calc.py')
  vim.lsp.buf_attach_client(0, client)
  local here = line_of('return 3 * a')
  vim.api.nvim_buf_set_lines(0, here, here + 1, false, { '    return 2 * a' })
  sentence = verdict(function()
    vim.lsp.buf.execute_command({ command = 'baton.verify', arguments = { { uri = vim.uri_from_bufnr(0) } } })
  end)
  say(sentence)
  equal(vim.startswith(sentence, 'Baton: no_regression'), true, 'the verdict after mending')
  wait('the diagnostics to go', function() return #vim.diagnostic.get(buffer) == 0 end, 10000)
  equal(vim.fn.readfile(project .. '/calc.py')[6], '    return 3 * a', 'the file on disk')
  say('ok: mended in the buffer alone, nothing is left to show')

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
