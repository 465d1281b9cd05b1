"""Calls about comments on expenses. They raise grpc.RpcError."""

from howmuch.client.session import Session, whole_list
from howmuch.v1 import expense_pb2, expense_service_pb2


def add_comment(session: Session, expense: expense_pb2.Expense, text: str) -> expense_pb2.Comment:
    """Comment on an expense."""
    request = expense_service_pb2.AddCommentRequest(
        event_id=expense.event_id, expense_id=expense.id, text=text
    )
    return session.write(session.expenses.AddComment, request)


def list_comments(
    session: Session, expense: expense_pb2.Expense
) -> expense_service_pb2.ListCommentsResponse:
    """Return all comments on an expense, oldest first."""
    request = expense_service_pb2.ListCommentsRequest(
        event_id=expense.event_id, expense_id=expense.id
    )
    return whole_list(session, session.expenses.ListComments, request, "comments")


def delete_comment(
    session: Session, expense: expense_pb2.Expense, comment_id: str
) -> expense_pb2.Comment:
    """Delete a comment of the user."""
    request = expense_service_pb2.DeleteCommentRequest(
        event_id=expense.event_id, expense_id=expense.id, comment_id=comment_id
    )
    return session.write(session.expenses.DeleteComment, request)
