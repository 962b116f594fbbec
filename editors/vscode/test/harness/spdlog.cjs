// Stands in for the native logger of VS Code's server, which would have to be compiled. The workbench imports it from ES modules,
// which find the names by reading the source: keep the form `exports.name = …`.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const names = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];
let level = 2;
class Logger {
  constructor(name, file) {
    this.file = file;
    this.level = level;
    this.raw = false;
    fs.mkdirSync(path.dirname(file), { recursive: true });
  }
  write(at, message) {
    if (at < this.level) return;
    const stamp = new Date().toISOString().replace('T', ' ').slice(0, 23);
    fs.appendFileSync(this.file, this.raw ? String(message) : `${stamp} [${names[at]}] ${message}\n`);
  }
  trace(message) { this.write(0, message); }
  debug(message) { this.write(1, message); }
  info(message) { this.write(2, message); }
  warn(message) { this.write(3, message); }
  error(message) { this.write(4, message); }
  critical(message) { this.write(5, message); }
  getLevel() { return this.level; }
  setLevel(wanted) { this.level = wanted; }
  clearFormatters() { this.raw = true; }
  setPattern() {}
  flush() {}
  drop() {}
}
exports.version = 1;
exports.Logger = Logger;
exports.setLevel = (wanted) => { level = wanted; };
exports.setFlushOn = () => {};
exports.shutdown = () => {};
exports.createRotatingLogger = async (name, file) => new Logger(name, file);
exports.createAsyncRotatingLogger = exports.createRotatingLogger;
