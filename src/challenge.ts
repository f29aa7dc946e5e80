/** One challenge of a `WWW-Authenticate` header (RFC 9110 section 11.6.1). */
export interface Challenge {
    /** The authentication scheme in lower case, for example `bearer`. */
    readonly scheme: string;
    /** The parameters, names in lower case; of a name given twice, the first. */
    readonly parameters: Readonly<Record<string, string>>;
    /** The credentials that some schemes send instead of parameters. */
    readonly token68?: string;
}

const SEPARATORS = /[\s,]*/y;
const TOKEN = /[!#$%&'*+\-.^`|~\w]+/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\[^])*)"?/y;
// Wider than a token: servers send unquoted URLs, and reading `x` in `error_uri=https://x` as a scheme would be worse.
const UNQUOTED = /[^\s,"]*/y;
const TOKEN68 = /[ \t]+([\w\-.~+/]+=*)[ \t]*(?=,|$)/y;
const REST_OF_ITEM = /[^,]+/y;

/**
 * Reads the value of one or several `WWW-Authenticate` headers. What cannot be read is skipped; it never throws, and
 * takes time linear in the length.
 */
export function parseChallenges(header: string): Challenge[] {
    const challenges: { scheme: string; parameters: Record<string, string>; token68?: string }[] = [];
    let position = 0;

    const take = (pattern: RegExp): RegExpExecArray | null => {
        pattern.lastIndex = position;
        const match = pattern.exec(header);
        if (match) position = pattern.lastIndex;
        return match;
    };

    for (take(SEPARATORS); position < header.length; take(SEPARATORS)) {
        const name = take(TOKEN)?.[0].toLowerCase();
        const current = challenges.at(-1);
        if (name === undefined) {
            take(REST_OF_ITEM);
        } else if (take(EQUALS)) {
            const value = take(QUOTED)?.[1]?.replace(/\\([^])/g, '$1') ?? take(UNQUOTED)?.[0] ?? '';
            if (current && name !== '__proto__' && !(name in current.parameters)) current.parameters[name] = value;
        } else {
            const token68 = take(TOKEN68)?.[1];
            const parameters = Object.create(null) as Record<string, string>;
            challenges.push(
                token68 === undefined ? { scheme: name, parameters } : { scheme: name, parameters, token68 },
            );
        }
    }
    return challenges;
}
