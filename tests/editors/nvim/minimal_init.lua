vim.opt.swapfile = false
vim.opt.loadplugins = false
vim.opt.more = false
