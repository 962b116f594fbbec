-- Our plugin in Neovim: what :Baton does, against the real server.
local project = os.getenv('BATON_TEST_PROJECT')
local assertion = 'self.assertEqual(calc.double(4), 8)'
local baton

-- What Neovim prints by itself does not end its line.
local function say(text) io.stdout:write('\n' .. text .. '\n') end

local told = {}
local function wait(what, predicate, limit)
  if not vim.wait(limit or 150000, predicate, 20) then
    error('waited in vain for ' .. what .. '\ntold: ' .. vim.inspect(told) .. '\ndiagnostics: ' .. vim.inspect(vim.diagnostic.get()))
  end
end

local function heard(pattern)
  for _, text in ipairs(told) do
    if text:find(pattern) then return text end
  end
end

local function with_code(code)
  return vim.tbl_filter(function(d) return d.code == code end, vim.diagnostic.get(0))
end

local function line_of(text)
  for i, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    if line:find(text, 1, true) then return i - 1 end
  end
end

local function text_here() return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n') end

-- The server itself, behind what records it.
local function kill_session()
  local started = vim.lsp.get_active_clients()[1].rpc.pid
  local children = vim.fn.systemlist({ 'ps', '-o', 'pid=', '--ppid', tostring(started) })
  vim.loop.kill(tonumber(children[1]) or started, 'sigkill')
end

local function main()
  assert(package.loaded.baton == nil, 'the plugin is loaded before it is used')
  vim.cmd('helptags ' .. os.getenv('BATON_TEST_PLUGIN') .. '/doc')
  vim.cmd('help :Baton')
  assert(text_here():find('BATON', 1, true) or text_here():find('Baton', 1, true))
  vim.cmd('close')
  say('ok: plugin, help')

  baton = require('baton')
  baton.setup({ cmd = { '/nowhere/baton', 'lsp' }, notify = function(text) table.insert(told, text) end })
  vim.cmd('edit ' .. project .. '/tests/test_calc.py')
  assert(heard('was not found: install it'), vim.inspect(told))
  assert(not pcall(baton.setup, { comand = {} }), 'an option that does not exist is taken')
  say('ok: plugin, a missing server is said in one sentence')

  baton.setup({ cmd = { os.getenv('BATON'), 'lsp' } })
  local messages = vim.lsp.handlers['window/showMessage']
  vim.lsp.handlers['window/showMessage'] = function(_, result) table.insert(told, result.message) end
  vim.cmd('edit!')
  vim.cmd('Baton doctor')
  wait('the page of doctor', function() return vim.bo.filetype == 'baton' end, 30000)
  assert(text_here():find('unittest', 1, true), text_here())
  vim.cmd('close')
  say('ok: plugin, :Baton doctor')

  vim.api.nvim_buf_set_lines(0, 0, 0, false, { '# typed', '# and not saved' })
  local asked
  vim.ui.select = function(items, opts, done)
    asked = opts.prompt .. '\n' .. text_here()
    done(items[1])
  end
  vim.cmd('Baton trust')
  wait('the approval', function() return heard('approved') end, 30000)
  assert(asked:find('unittest', 1, true), asked)
  say('ok: plugin, :Baton trust shows what would run and approves it')

  vim.cmd('Baton verify')
  wait('the verdict', function() return heard('^Baton: rejected') end)
  wait('the regression', function() return #with_code('regression') == 1 end, 10000)
  assert(with_code('regression')[1].lnum == line_of(assertion), vim.inspect(with_code('regression')))
  wait('the status', function() return baton.status == 'rejected' end, 10000)
  say('ok: plugin, :Baton verify shows the regression on its line in the unsaved buffer')

  vim.api.nvim_win_set_cursor(0, { line_of(assertion) + 1, 0 })
  vim.cmd('Baton evidence')
  wait('the evidence', function() return vim.api.nvim_buf_get_name(0):find('/baton/', 1, true) end, 20000)
  assert(text_here():find('test_double', 1, true), text_here())
  vim.cmd('close')
  say('ok: plugin, :Baton evidence')

  vim.api.nvim_win_set_cursor(0, { line_of(assertion) + 1, 0 })
  local prompt
  vim.ui.input = function(opts, done)
    prompt = opts.prompt
    done('to be mended later')
  end
  vim.cmd('Baton accept')
  wait('the accepted failure', function() return #with_code('accepted') == 1 end, 20000)
  local accepted = with_code('accepted')[1]
  assert(prompt and accepted.message:find('to be mended later', 1, true), accepted.message)
  assert(accepted.lnum == line_of(assertion), vim.inspect(accepted))
  vim.cmd('Baton accept')
  wait('the failure to be one again', function() return #with_code('regression') == 1 end, 20000)
  assert(with_code('regression')[1].severity == vim.diagnostic.severity.ERROR)
  say('ok: plugin, :Baton accept keeps the failure with its reason, and takes it back')

  told = {}
  vim.cmd('Baton known')
  wait('what was there before', function() return heard('0 failures were there before') end, 20000)
  vim.cmd('Baton known')
  wait('it to be hidden', function() return heard('is hidden') end, 20000)
  say('ok: plugin, :Baton known')

  told = {}
  vim.api.nvim_buf_set_lines(0, 0, 0, false, { '# not judged yet: of what is known the clean verdict would be told' })
  vim.cmd('Baton quick')
  wait('the quick verdict', function() return heard('^Baton: rejected %(provisional%)') end)
  wait('its provisional regression', function()
    local now = with_code('regression')
    return #now == 1 and vim.startswith(now[1].message, 'Provisional: ')
  end, 10000)
  say('ok: plugin, :Baton quick shows a provisional verdict')

  vim.api.nvim_buf_set_lines(0, 0, 0, false, { '# one more' })
  baton.status = ''
  vim.cmd('Baton verify')
  wait('the verification to run', function() return baton.status ~= '' end, 20000)
  vim.cmd('Baton cancel')
  wait('its end', function() return baton.status == 'cancelled' end, 20000)
  say('ok: plugin, :Baton cancel')

  told, prompt = {}, nil
  local session = vim.tbl_filter(function(one) return one.name == 'baton' end, vim.lsp.get_active_clients())[1]
  session.commands['baton.acceptTask']({ command = 'baton.acceptTask', arguments = { { task = 'unheard-of', uri = vim.uri_from_bufnr(0) } } }, { client_id = session.id })
  wait('the answer about a task that does not exist', function() return heard('unheard%-of') end, 20000)
  assert(prompt == 'Why is it accepted all the same? ', prompt)
  say('ok: plugin, the actions of a task ask for the words that they take along')

  -- A save is followed by a quick verdict; nothing else is asked for.
  baton.setup({ verify_on_save = true })
  local client = vim.tbl_filter(function(one) return one.name == 'baton' end, vim.lsp.get_active_clients())[1]
  client.notify('workspace/didChangeConfiguration', { settings = { baton = { verifyOnSave = true } } })
  told = {}
  vim.cmd('silent write')
  wait('the verdict on the save', function() return heard('^Baton: rejected %(provisional%)') end)
  say('ok: plugin, a save is followed by a quick verdict')

  -- A session that dies takes nothing along: the next one has the unsaved text of every buffer.
  local test_buffer = vim.api.nvim_get_current_buf()
  vim.cmd('split ' .. project .. '/calc.py')
  local lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  for i, line in ipairs(lines) do lines[i] = line:gsub('3 %* a', 'a * 2') end
  vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
  vim.cmd('wincmd p')
  assert(vim.api.nvim_get_current_buf() == test_buffer)
  baton.status = 'stale'
  vim.cmd('Baton verify')
  wait('its progress', function() return baton.status ~= 'stale' end, 20000)
  kill_session()
  wait('the end of the session', function() return #vim.lsp.get_active_clients() == 0 and baton.status == '' end, 10000)
  told = {}
  vim.cmd('Baton verify')
  wait('the verdict after the session died', function() return heard('^Baton: no_regression') end)
  assert(not heard('^Baton: rejected'), vim.inspect(told))
  say('ok: plugin, after a session that died the next one has the unsaved text of every buffer')

  -- With `auto` off nothing is attached as it is opened; the command attaches what there is, a new file too.
  baton.setup({ auto = false })
  vim.cmd('edit! ' .. project .. '/tests/test_new.py')
  vim.api.nvim_buf_set_lines(0, 0, -1, false, { 'import unittest', '', '', 'class TestNew(unittest.TestCase):', '    def test_new(self):', '        self.fail("typed and never saved")' })
  local fresh = vim.api.nvim_get_current_buf()
  vim.cmd('split ' .. project .. '/calc.py')
  assert(#vim.lsp.buf_get_clients(fresh) == 0, 'it was attached as it was opened')
  told = {}
  vim.cmd('Baton verify')
  wait('the verdict on the new file', function() return heard('^Baton: rejected') end)
  wait('its failure', function() return #vim.diagnostic.get(fresh) > 0 end, 10000)
  vim.cmd('close')
  vim.api.nvim_buf_delete(fresh, { force = true })
  baton.setup({ auto = true })
  say('ok: plugin, :Baton verify judges a new file that was never saved, with `auto` off')

  vim.cmd('Baton dance')
  assert(heard('there is no :Baton dance; there are accept, cancel, doctor, evidence, known, pr, quick, trust, verify'), vim.inspect(told))
  vim.lsp.handlers['window/showMessage'] = messages
  say('ok: plugin, a command that does not exist is named with those that do')
end

local ok, err = xpcall(main, debug.traceback)
if not ok then
  say('FAILED: plugin: ' .. tostring(err))
  vim.cmd('cquit 1')
end
vim.cmd('qall!')
