export { Api, type ApiOptions, type Credentials } from "./api.js";
export {
  ApiError,
  SignedOutError,
  unwrap,
  type ErrorCode,
  type ProblemDetails,
} from "./errors.js";
export { bestLock, localLock, webLock, type Lock, type LockManager } from "./locks.js";
export type { components, operations, paths } from "./schema.js";
export { memoryStorage, webStorage, type PairStorage, type TokenPair } from "./storage.js";
export { Tokens, type Fetch, type TokensOptions } from "./tokens.js";
