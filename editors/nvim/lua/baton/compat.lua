-- All that differs between versions of Neovim, from 0.7.2 on.
local M = {}

M.uv = vim.uv or vim.loop
M.clients = vim.lsp.get_clients or vim.lsp.get_active_clients

-- 0.11 made these methods.
local methods = vim.fn.has('nvim-0.11') == 1
function M.request(client, method, params, handler, buffer)
  if methods then return client:request(method, params, handler, buffer) end
  return client.request(method, params, handler, buffer)
end
function M.notify(client, method, params)
  if methods then return client:notify(method, params) end
  return client.notify(method, params)
end
function M.is_stopped(client)
  if methods then return client:is_stopped() end
  return client.is_stopped()
end

return M
