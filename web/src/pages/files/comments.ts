/** What people say to each other of a file or folder. */
import { api } from "../../api";

export interface Comment {
  readonly id: string;
  readonly said: string;
  /** Empty where they are gone. */
  readonly by: string;
  readonly at: string;
  readonly is_own: boolean;
  readonly may_remove: boolean;
}

export interface Comments {
  readonly items: readonly Comment[];
  readonly may_say: boolean;
}

export function comments(id: string, signal: AbortSignal): Promise<Comments> {
  return api.get<Comments>(`/a/keycell/nodes/${id}/comments`, { signal });
}

export function addComment(id: string, text: string): Promise<unknown> {
  return api.post(`/a/keycell/nodes/${id}/comments`, { said: text });
}

export function removeComment(id: string, comment: string): Promise<unknown> {
  return api.delete(`/a/keycell/nodes/${id}/comments/${comment}`);
}
