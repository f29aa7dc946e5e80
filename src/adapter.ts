import axios, { AxiosHeaders, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios';
import { copyWith } from './config-copy.js';

type Config = InternalAxiosRequestConfig;
type GetAdapter = (adapter: Config['adapter'], config: Config) => AxiosAdapter;

/**
 * Names are resolved by this copy of axios; the instance, which has no way to do that, may be of another one. A function
 * is called as it is.
 */
export function resolveAdapter(adapter: Config['adapter'], config: Config): AxiosAdapter {
    if (typeof adapter === 'function') return adapter;
    // Since 1.12 the fetch adapter of a request depends on its config, which the types leave out.
    const resolved = (axios.getAdapter as GetAdapter)(adapter ?? axios.defaults.adapter, config);
    if (config.headers instanceof AxiosHeaders) return resolved;
    // The headers of another copy are no headers to older adapters, which would send none of them.
    return (foreign) => resolved(copyWith(foreign, { headers: new AxiosHeaders(Object.assign({}, foreign.headers)) }));
}
