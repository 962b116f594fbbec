-- Defines :Baton and watches for files of git repositories; the rest is loaded when it is needed.
if vim.g.loaded_baton then return end
vim.g.loaded_baton = true

vim.api.nvim_create_user_command('Baton', function(given) require('baton').command(given.fargs) end, {
  nargs = '*',
  desc = 'Judge what a change really did',
  complete = function(lead) return require('baton').complete(lead) end,
})

local group = vim.api.nvim_create_augroup('baton', {})
vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
  group = group,
  callback = function(event) require('baton').attach(event.buf) end,
})
