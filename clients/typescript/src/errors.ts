/** Errors of the API as exceptions, for those who like them better than `{ data, error }`. */

import type { components } from "./schema.js";

export type ProblemDetails = components["schemas"]["ProblemDetails"];
export type ErrorCode = components["schemas"]["ErrorCode"];

/** The API said no; `problem.code` says why, `problem.errors` names the fields. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly problem: ProblemDetails,
    readonly response: Response,
  ) {
    super(`${problem.status} ${problem.code}: ${problem.detail} (request ${problem.request_id})`);
  }

  get code(): ErrorCode {
    return this.problem.code;
  }

  /** How long the API asks to wait, in seconds; 0 when it does not. */
  get retryAfterS(): number {
    return Number(this.response.headers.get("Retry-After") ?? 0);
  }
}

/** The sign-in has ended: it was revoked, or is too old. Ask for the password again. */
export class SignedOutError extends Error {
  override readonly name = "SignedOutError";

  constructor() {
    super("The sign-in has ended.");
  }
}

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The body of a success; throws `ApiError` for anything else. */
export async function unwrap<Data>(call: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await call;
  if (!response.ok) {
    throw apiError(error, response);
  }
  return data as Data;
}

/** The exception for an answer that is no success. */
export function apiError(body: unknown, response: Response): ApiError {
  return new ApiError(isProblem(body) ? body : strangersProblem(response), response);
}

function isProblem(body: unknown): body is ProblemDetails {
  return typeof (body as Partial<ProblemDetails> | null)?.code === "string";
}

/** A proxy on the way answered in its own words. */
function strangersProblem(response: Response): ProblemDetails {
  return {
    type: "about:blank",
    title: response.statusText,
    status: response.status,
    detail: "The answer did not come from the API.",
    code: response.status < 500 ? "malformed_request" : "unavailable",
    request_id: response.headers.get("X-Request-ID") ?? "",
  };
}
