"""What steps cost, what their answers saved when they were used again, and what was thought of them."""
