/** What decides where a request goes, of an axios config. */
export interface RequestTarget {
    url?: string | undefined;
    baseURL?: string | undefined;
    allowAbsoluteUrls?: boolean | undefined;
}

/** Where a token may go. */
export interface OriginRule {
    readonly permits: (target: RequestTarget, adapterIsNamed: boolean) => boolean;
    readonly permitsUrl: (url: string) => boolean;
}

export interface OriginRuleSettings {
    /** The origins that were asked for; `undefined`: the origin of the instance's own base. */
    readonly origins: readonly string[] | '*' | undefined;
    /** The `baseURL` of the instance, as it is now. */
    readonly ownBase: () => string | undefined;
    /** Whether the axios whose adapters send by name keeps to `allowAbsoluteUrls: false`; before 1.8 it does not. */
    readonly honoursAllowAbsoluteUrls: boolean;
}

// As axios tells an absolute URL from one that it appends to the base.
const ABSOLUTE = /^([a-z][a-z\d+\-.]*:)?\/\//i;
// The beginning of a URL that settles its origin. Only plain characters: a tab, say, is dropped by URL parsers.
const ORIGIN_PART = /^(https?:\/\/[\w.\-:[\]]+(?=[/\\?#]|$)|\/(?=\w))/i;
// The instance's own origin, where a URL stays relative and there is no page to resolve it against.
const OWN = 'own';
const NOWHERE = 'http://nowhere.invalid';
const NOWHERE_ELSE = 'http://nowhere-else.invalid';
const MOST_REMEMBERED = 100;

type Verdicts = Map<string, boolean>;

function parse(url: string, base?: string): URL | undefined {
    try {
        return new URL(url, base);
    } catch {
        return undefined;
    }
}

/** What relative URLs are resolved against; a `<base>` of the page leads them elsewhere than its address. */
function pageBase(): string | undefined {
    const { document, location } = globalThis as { document?: { baseURI?: string }; location?: Location };
    const base = document?.baseURI ?? location?.href;
    return base?.startsWith('http') ? base : undefined;
}

/**
 * The origin that a token sent to this URL would reach. `undefined` when none may: the URL cannot be parsed, is not
 * http(s), or carries credentials of its own.
 */
export function originOf(url: string, page = pageBase()): string | undefined {
    const absolute = parse(url, page);
    const parsed = absolute ?? parse(url, NOWHERE);
    if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username || parsed.password) return undefined;
    // Only what follows the base wherever that is has no host of its own.
    const isRelative = !absolute && parsed.origin === NOWHERE && parse(url, NOWHERE_ELSE)?.origin === NOWHERE_ELSE;
    return isRelative ? OWN : parsed.origin;
}

/** Whether a URL has an origin, once relative ones are resolved against the page, if there is one. */
export function isAbsolute(url: string): boolean {
    return originOf(url) !== OWN;
}

function combine(base: string, url: string): string {
    return url ? `${base.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}` : base;
}

/** Where a request goes: its URL on its base, and that on the page's, if there is one. */
export function finalUrl({ url = '', baseURL, allowAbsoluteUrls }: RequestTarget): string {
    const isAppended = baseURL && (!ABSOLUTE.test(url) || allowAbsoluteUrls === false);
    const target = isAppended ? combine(baseURL, url) : url;
    return parse(target, pageBase())?.href ?? target;
}

export function createOriginRule({ origins, ownBase, honoursAllowAbsoluteUrls }: OriginRuleSettings): OriginRule {
    const bases: Verdicts = new Map();
    const parts: Verdicts = new Map();
    let allowed: ReadonlySet<string | undefined> | '*' = origins === '*' ? '*' : new Set(origins);
    let followed: string | undefined | null = null;
    let page: string | undefined;

    function forget(): void {
        bases.clear();
        parts.clear();
    }

    function followBases(): void {
        const pageNow = pageBase();
        if (pageNow !== page) forget();
        page = pageNow;
        const now = ownBase();
        if (origins !== undefined || now === followed) return;
        followed = now;
        // By the address of the page: a `<base>` that somebody injects must not widen where the token goes.
        allowed = now && isAbsolute(now) ? new Set([originOf(now, globalThis.location?.href)]) : '*';
        forget();
    }

    function decide(url: string): boolean {
        const origin = originOf(url);
        return origin !== undefined && (origin === OWN || allowed === '*' || allowed.has(origin));
    }

    /** @param settling - what of URLs settles their origin; many requests share it, so that none is parsed twice */
    function remember(verdicts: Verdicts, settling: string): boolean {
        const verdict = decide(settling);
        if (verdicts.size >= MOST_REMEMBERED) verdicts.clear();
        verdicts.set(settling, verdict);
        return verdict;
    }

    function permitsFinal(url: string): boolean {
        const part = ORIGIN_PART.exec(url)?.[0];
        return part ? (parts.get(part) ?? remember(parts, part)) : decide(url);
    }

    function permitsAppended(base: string, url: string): boolean {
        const verdict = bases.get(base);
        if (verdict !== undefined) return verdict;
        // What is appended to a base that has a host cannot change that host.
        return ORIGIN_PART.test(base) ? remember(bases, base) : decide(combine(base, url));
    }

    return {
        permitsUrl(url) {
            followBases();
            return permitsFinal(url);
        },
        permits({ url = '', baseURL, allowAbsoluteUrls }, adapterIsNamed) {
            followBases();
            if (!baseURL) return permitsFinal(url);
            if (!ABSOLUTE.test(url)) return permitsAppended(baseURL, url);
            if (allowAbsoluteUrls !== false) return permitsFinal(url);
            const isSurelyAppended = honoursAllowAbsoluteUrls && adapterIsNamed;
            return permitsAppended(baseURL, url) && (isSurelyAppended || permitsFinal(url));
        },
    };
}
