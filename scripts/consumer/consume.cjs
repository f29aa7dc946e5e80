// What check-consumer.mjs does with the copies of axios and of the package that it loaded.
const { smokeSubPaths } = require('./smoke.cjs');
const { useAll } = require('./uses.cjs');

module.exports = { smokeSubPaths, useAll };
