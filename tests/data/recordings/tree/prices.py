def net(gross: int) -> int:
    if gross < 0:
        raise ValueError("negative")
    return gross * 100 // 118
