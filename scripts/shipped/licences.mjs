const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

/** Whether an SPDX expression can be met by what is allowed: one of alternatives, or all that have to hold together. */
function isPermissive(expression) {
    const bare = expression.replace(/[()]/g, ' ').trim();
    if (/\bAND\b/.test(bare) && /\bOR\b/.test(bare)) return false;
    if (/\bOR\b/.test(bare)) return bare.split(/\sOR\s/).some((each) => ALLOWED.includes(each.trim()));
    return bare.split(/\sAND\s/).every((each) => ALLOWED.includes(each.trim()));
}

/** Where Node.js finds a dependency of the package at `path`: nearest first. */
function find(packages, path, name) {
    const parts = path ? path.split('/node_modules/') : [];
    const nested = parts.map((_, i) => `${parts.slice(0, i + 1).join('/node_modules/')}/node_modules/${name}`);
    return [...nested.reverse(), `node_modules/${name}`].find((candidate) => candidate in packages);
}

/** The peers and all that they bring, as the lock has them: what a user gets with this package. */
function reached({ packages }, peers) {
    const paths = new Set();
    const missing = [];
    const visit = (from, name) => {
        const path = find(packages, from, name);
        if (path === undefined)
            return missing.push(`${name}, which ${from || 'package.json'} needs, is not in the lock`);
        if (paths.has(path)) return undefined;
        paths.add(path);
        for (const dependency of Object.keys(packages[path].dependencies ?? {})) visit(path, dependency);
        return undefined;
    };
    for (const peer of peers) visit('', peer);
    return { paths: [...paths], missing };
}

/** What a user agrees to by installing the package with its peers. */
export function licencesOf({ peerDependencies = {} }, lock) {
    const { paths, missing } = reached(lock, Object.keys(peerDependencies));
    const counts = {};
    const problems = [...missing];
    for (const path of paths) {
        const licence = String(lock.packages[path].license ?? 'none');
        counts[licence] = (counts[licence] ?? 0) + 1;
        if (!isPermissive(licence)) problems.push(`${path}: ${licence} is not one of ${ALLOWED.join(', ')}`);
    }
    const told = Object.entries(counts).map(([licence, count]) => `${count} × ${licence}`);
    return { problems, counts: told.join(', ') || 'none' };
}
