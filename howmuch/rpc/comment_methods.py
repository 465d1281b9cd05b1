"""The methods of ExpenseService that are about comments."""

import grpc

from howmuch.errors import Violations
from howmuch.ids import COMMENT, EXPENSE, check_id
from howmuch.rpc.call import current_call
from howmuch.rpc.convert import comment_message
from howmuch.rpc.pages import page_of
from howmuch.usecases import comments
from howmuch.usecases.paging import parse_page
from howmuch.v1 import expense_pb2, expense_service_pb2


class CommentMethods:
    """A part of ExpenseServicer."""

    def AddComment(
        self, request: expense_service_pb2.AddCommentRequest, context: grpc.ServicerContext
    ) -> expense_pb2.Comment:
        """Adds a comment."""
        call = current_call()
        wrong = Violations()
        with wrong:
            expense_id = check_id(EXPENSE, request.expense_id, "expense_id")
        with wrong:
            text = comments.check_comment(request.text)
        wrong.raise_any()
        comment = comments.add_comment(call.connection, call.caller, call.now, expense_id, text)
        return comment_message(comment)

    def ListComments(
        self, request: expense_service_pb2.ListCommentsRequest, context: grpc.ServicerContext
    ) -> expense_service_pb2.ListCommentsResponse:
        """Lists the comments on an expense."""
        call = current_call()
        expense_id = request.expense_id
        wrong = Violations()
        with wrong:
            check_id(EXPENSE, expense_id, "expense_id")
        with wrong:
            page = parse_page(
                request.page_size, request.page_token, "comments", request.event_id, expense_id
            )
        wrong.raise_any()
        found = comments.list_comments(call.connection, request.event_id, expense_id, page)
        listed, tokens = page_of(found, comment_message)
        return expense_service_pb2.ListCommentsResponse(comments=listed, **tokens)

    def DeleteComment(
        self, request: expense_service_pb2.DeleteCommentRequest, context: grpc.ServicerContext
    ) -> expense_pb2.Comment:
        """Deletes a comment of the caller."""
        call = current_call()
        wrong = Violations()
        with wrong:
            expense_id = check_id(EXPENSE, request.expense_id, "expense_id")
        with wrong:
            comment_id = check_id(COMMENT, request.comment_id, "comment_id")
        wrong.raise_any()
        comment = comments.delete_comment(
            call.connection, call.caller, call.now, expense_id, comment_id
        )
        return comment_message(comment)
