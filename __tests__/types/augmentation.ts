import axios, {
    type AxiosInstance,
    type AxiosRequestConfig,
    type AxiosResponse,
    type AxiosError,
    type CreateAxiosDefaults,
    type InternalAxiosRequestConfig,
} from 'axios';
import { expectTypeOf } from 'expect-type';
import type { TokenParameters } from '../../src/index.js';

// `tokenCreator` is known wherever axios has a config, for whoever imports this package.
declare const api: AxiosInstance;
type Wanted = TokenParameters | false | undefined;

expectTypeOf<AxiosRequestConfig['tokenCreator']>().toEqualTypeOf<Wanted>();
expectTypeOf<InternalAxiosRequestConfig['tokenCreator']>().toEqualTypeOf<Wanted>();
expectTypeOf<CreateAxiosDefaults['tokenCreator']>().toEqualTypeOf<Wanted>();
expectTypeOf<AxiosResponse['config']['tokenCreator']>().toEqualTypeOf<Wanted>();
expectTypeOf<NonNullable<AxiosError['config']>['tokenCreator']>().toEqualTypeOf<Wanted>();
expectTypeOf(api.defaults.tokenCreator).toEqualTypeOf<Wanted>();
expectTypeOf(axios.defaults.tokenCreator).toEqualTypeOf<Wanted>();

const wanted = { tokenCreator: { scope: 'read' } };
export const everyMethodTakesIt = (): Promise<AxiosResponse>[] => [
    api(wanted),
    api('/x', wanted),
    api.request(wanted),
    api.get('/x', wanted),
    api.delete('/x', wanted),
    api.head('/x', wanted),
    api.options('/x', wanted),
    api.post('/x', {}, wanted),
    api.put('/x', {}, wanted),
    api.patch('/x', {}, wanted),
    api.postForm('/x', {}, wanted),
    axios.create(wanted).get('/x'),
    axios.get('/x', wanted),
];

// What an answer holds is inferred as without this package.
expectTypeOf(api.get<{ id: number }>('/x', wanted)).toEqualTypeOf<Promise<AxiosResponse<{ id: number }>>>();

export function interceptorsAndDefaultsMaySetIt(): void {
    api.defaults.tokenCreator = { audience: ['a', 'b'] };
    api.defaults.tokenCreator = false;
    api.defaults.tokenCreator = undefined;
    api.interceptors.request.use((config) => {
        expectTypeOf(config.tokenCreator).toEqualTypeOf<Wanted>();
        config.tokenCreator = { key: 'tenant' };
        return config;
    });
    api.interceptors.response.use(({ config, ...answer }) => {
        expectTypeOf(config.tokenCreator).toEqualTypeOf<Wanted>();
        return { config, ...answer };
    });
}

export function nobodyMaySetAnythingElse(): void {
    // @ts-expect-error a token is the rule
    api.defaults.tokenCreator = true;
    // @ts-expect-error `undefined` stands for none
    api.defaults.tokenCreator = null;
    // @ts-expect-error a creator is attached, not configured
    api.defaults.tokenCreator = async () => ({ access_token: 'x', token_type: 'Bearer' });
    // @ts-expect-error it is `scope`
    axios.create({ tokenCreator: { scopes: 'read' } });
    // @ts-expect-error it is `tokenCreator`
    void api.get('/x', { tokenCreators: false });
    // @ts-expect-error it is no header
    void api.post('/x', {}, { tokenCreator: 'Bearer x' });
    api.interceptors.request.use((config) => {
        // @ts-expect-error a number names nothing
        config.tokenCreator = { key: 1 };
        return config;
    });
}
