-- The lines of docs/guide-neovim.md that do without the plugin, and what is unsaved in another buffer when a session has died.
local project = os.getenv('BATON_TEST_PROJECT')

-- What Neovim prints by itself does not end its line.
local function say(text) io.stdout:write('\n' .. text .. '\n') end

local told = {}
vim.lsp.handlers['window/showMessage'] = function(_, result) table.insert(told, result.message) end

local function verdict(what)
  told = {}
  vim.cmd('BatonVerify')
  local heard
  local came = vim.wait(150000, function()
    for _, text in ipairs(told) do heard = heard or text:match('^Baton: ([%w_]+):') end
    return heard
  end, 20)
  if not came then error('waited in vain for a verdict ' .. what .. ': ' .. vim.inspect(told)) end
  return heard
end

local function main()
  dofile(os.getenv('BATON_TEST_LINES'))
  vim.cmd('edit ' .. project .. '/calc.py')
  vim.cmd('edit ' .. project .. '/tests/test_calc.py')
  assert(vim.wait(10000, function() return next(vim.lsp.buf_get_clients(0)) ~= nil end, 20), 'no session was started')
  local answers = vim.lsp.buf_request_sync(0, 'workspace/executeCommand', { command = 'baton.trustRepository', arguments = { { uri = vim.uri_from_bufnr(0) } } }, 60000)
  for _, answer in pairs(answers or {}) do assert(answer.result and answer.result.trusted, vim.inspect(answer)) end
  local first = verdict('on what is saved')
  assert(first == 'rejected', first)
  say('ok: the lines of the guide verify')

  -- A new file that was never saved is judged: it has an error that nothing saved has.
  vim.cmd('edit ' .. project .. '/tests/test_new.py')
  vim.api.nvim_buf_set_lines(0, 0, -1, false, { 'import unittest', '', '', 'class TestNew(unittest.TestCase):', '    def test_new(self):', '        self.fail("typed and never saved")' })
  assert(vim.wait(10000, function() return next(vim.lsp.buf_get_clients(0)) ~= nil end, 20), 'a new file is not attached')
  assert(verdict('on a new file') == 'rejected')
  assert(vim.wait(10000, function() return #vim.diagnostic.get(0) > 0 end, 20), 'nothing is shown in the new file')
  say('ok: the lines of the guide judge a new file that was never saved')
  local fresh = vim.fn.bufnr(project .. '/tests/test_new.py')

  -- The other buffer is mended and not saved.
  local other = vim.fn.bufnr(project .. '/calc.py')
  local lines = vim.api.nvim_buf_get_lines(other, 0, -1, false)
  for i, line in ipairs(lines) do lines[i] = line:gsub('3 %* a', 'a * 2') end
  vim.api.nvim_buf_set_lines(other, 0, -1, false, lines)
  local before = vim.lsp.get_active_clients()[1]
  vim.loop.kill(before.rpc.pid, 'sigkill')
  assert(vim.wait(10000, function() return #vim.lsp.get_active_clients() == 0 end, 20), 'the session did not die')
  local second = verdict('after a session that died')
  assert(second == 'rejected', second) -- for the new file alone
  assert(vim.wait(10000, function() return #vim.diagnostic.get(fresh) > 0 end, 20), 'the next session has no new file')
  vim.api.nvim_buf_delete(fresh, { force = true })
  local third = verdict('without the new file')
  assert(third == 'no_regression', third)
  say('ok: after a session that died, the next one has the unsaved text of every buffer')
end

local ok, err = xpcall(main, debug.traceback)
if not ok then
  say('FAILED: the lines of the guide: ' .. tostring(err))
  vim.cmd('cquit 1')
end
vim.cmd('qall!')
